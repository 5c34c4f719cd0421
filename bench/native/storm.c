// storm SEED EVERY NUMBER...: has the kernel say events of these loop devices, which are there already, as fast as it can, of all
// kinds that can be written to a `uevent` file. After EVERY of them, more or less, the tree changes: a partition or a disk comes,
// goes, or is exchanged for another one under the same path. It answers how many it had said, and how often the tree changed. At
// the end of stdin all that it has are gone.
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/loop.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "worker.h"

#define DISKS_MAX 64
#define DISK_BYTES (1 << 20)
#define PARTS 2
#define PATIENCE_NS 10000000000u
#define PAUSE_US 100

// Most are what the kernel says most.
static const char *const actions[] = { "change", "change", "change", "change", "change", "change", "change", "change",
	"add", "remove", "move", "online", "offline", "bind", "unbind" };
#define ACTIONS (sizeof actions / sizeof *actions)

struct disk {
	int number;
	int fd; // of the disk, with memory behind it; -1 without
	int uevents[1 + PARTS]; // `uevent` files of the disk and its partitions; -1: it is not there
};

static struct disk disks[DISKS_MAX];
static uint32_t count_disks;
static int control;
static uint64_t state;

static uint32_t random_below(uint32_t bound)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % bound;
}

static void open_uevent(struct disk *disk, int part)
{
	char path[128];
	int length = snprintf(path, sizeof path, "/sys/devices/virtual/block/loop%d/", disk->number);
	if (part > 0)
		length += snprintf(path + length, sizeof path - length, "loop%dp%d/", disk->number, part);
	snprintf(path + length, sizeof path - length, "uevent");
	disk->uevents[part] = open(path, O_WRONLY | O_CLOEXEC);
	if (disk->uevents[part] < 0)
		fail(path);
}

static void close_uevent(struct disk *disk, int part)
{
	close(disk->uevents[part]);
	disk->uevents[part] = -1;
}

// Somebody may have it open for a moment.
static void insist(int fd, unsigned long command, void *argument, const char *what)
{
	uint64_t begin = clock_ns();
	while (ioctl(fd, command, argument) < 0) {
		if (errno != EBUSY || clock_ns() - begin > PATIENCE_NS)
			fail(what);
		usleep(PAUSE_US);
	}
}

static void fill(struct disk *disk)
{
	char node[32];
	int memory = memfd_create("disk", MFD_CLOEXEC);
	struct loop_config config = { .fd = memory, .info.lo_flags = LO_FLAGS_PARTSCAN };
	snprintf(node, sizeof node, "/dev/loop%d", disk->number);
	disk->fd = open(node, O_RDWR | O_CLOEXEC);
	if (memory < 0 || ftruncate(memory, DISK_BYTES) < 0 || disk->fd < 0)
		fail(node);
	insist(disk->fd, LOOP_CONFIGURE, &config, "LOOP_CONFIGURE");
	close(memory);
}

static void partition(struct disk *disk, int part, int operation)
{
	struct blkpg_partition where = { .start = (long long)part * DISK_BYTES / 4, .length = DISK_BYTES / 4, .pno = part };
	struct blkpg_ioctl_arg argument = { .op = operation, .datalen = sizeof where, .data = &where };
	insist(disk->fd, BLKPG, &argument, "BLKPG");
}

static void toggle(struct disk *disk, int part)
{
	if (disk->fd < 0)
		fill(disk);
	if (disk->uevents[part] < 0) {
		partition(disk, part, BLKPG_ADD_PARTITION);
		open_uevent(disk, part);
	} else {
		close_uevent(disk, part);
		partition(disk, part, BLKPG_DEL_PARTITION);
	}
}

static void take_away(struct disk *disk)
{
	for (int part = 0; part <= PARTS; part++)
		if (disk->uevents[part] >= 0)
			close_uevent(disk, part);
	if (disk->fd >= 0) {
		ioctl(disk->fd, LOOP_CLR_FD);
		close(disk->fd);
	}
	disk->fd = -1;
	insist(control, LOOP_CTL_REMOVE, (void *)(long)disk->number, "LOOP_CTL_REMOVE");
}

static void bring(struct disk *disk)
{
	if (ioctl(control, LOOP_CTL_ADD, disk->number) < 0)
		fail("LOOP_CTL_ADD");
	open_uevent(disk, 0);
}

static void change_tree(struct disk *disk)
{
	bool is_there = disk->uevents[0] >= 0;
	uint32_t what = random_below(4);
	if (!is_there)
		return bring(disk);
	if (what < 2)
		return toggle(disk, 1 + (int)random_below(PARTS));
	take_away(disk);
	if (what == 2)
		bring(disk); // another one
}

// False if that device is not there now.
static bool say(struct disk *disk, int part)
{
	const char *action = actions[random_below(ACTIONS)];
	if (disk->uevents[part] < 0)
		return false;
	if (pwrite(disk->uevents[part], action, strlen(action), 0) < 0)
		fail(action);
	return true;
}

static struct disk *any(void)
{
	return &disks[random_below(count_disks)];
}

int main(int argc, char **argv)
{
	uint32_t wanted;
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (argc < 4 || argc - 3 > DISKS_MAX || control < 0)
		fail("/dev/loop-control");
	state = strtoull(argv[1], NULL, 10);
	uint32_t every = (uint32_t)atoi(argv[2]);
	for (int i = 3; i < argc; i++) {
		struct disk *disk = &disks[count_disks++];
		*disk = (struct disk){ .number = atoi(argv[i]), .fd = -1, .uevents = { -1, -1, -1 } };
		open_uevent(disk, 0);
	}
	worker_ready();
	prctl(PR_SET_PDEATHSIG, 0); // whoever started it may be killed: its devices are taken away even so
	while (worker_next(&wanted)) {
		struct mark start = mark_now();
		uint64_t changes = 0;
		for (uint32_t said = 0; said < wanted;) {
			if (random_below(every) == 0) {
				change_tree(any());
				changes++;
			}
			said += say(any(), (int)random_below(1 + PARTS));
		}
		worker_answer(start, wanted, changes, NULL);
	}
	for (uint32_t i = 0; i < count_disks; i++)
		if (disks[i].uevents[0] >= 0)
			take_away(&disks[i]);
}
