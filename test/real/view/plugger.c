/*
 * Plugs and unplugs loop devices and partitions of them on the host, as fast as the kernel lets it, and has one take the number of
 * another. Reads a command in each line, answers each with one, and takes all away at the end of its stdin:
 *     disk N      makes loopN with some memory behind it      disk N DISKSEQ, the first that it has
 *     renew N     takes loopN away and makes it at once again renew N DISKSEQ
 *     end N       takes loopN away, whoever had it made       end N
 *     plug N      makes loopNp1                               plug N MAJOR MINOR
 *     unplug N    takes it away                               unplug N
 *     steal N M   takes loopNp1 away, and gives its number    steal N M MICROSECONDS
 *                 to loopMp1 as soon as the kernel does
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define DISKS_MAX 64
#define DISK_BYTES (1 << 20)
#define PAUSE_US 500 // between two attempts to have a number
#define PATIENCE_US 10000000

static struct disk { int number, fd; } disks[DISKS_MAX];
static int control;

static uint64_t now_us(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static struct disk *disk_of(int number)
{
	struct disk *unused = NULL;
	for (int i = 0; i < DISKS_MAX; i++) {
		if (disks[i].fd > 0 && disks[i].number == number)
			return &disks[i];
		if (disks[i].fd <= 0)
			unused = &disks[i];
	}
	if (unused == NULL)
		exit(2);
	unused->number = number;
	return unused;
}

/* Somebody in a container may have it open at this moment. */
static void insist(int fd, unsigned long command, void *argument, const char *what)
{
	uint64_t begin = now_us();
	while (ioctl(fd, command, argument) < 0)
		if (errno != EBUSY || now_us() - begin > PATIENCE_US)
			fail(what);
}

static void partition(struct disk *disk, int operation)
{
	struct blkpg_partition part = {.length = DISK_BYTES / 2, .pno = 1};
	struct blkpg_ioctl_arg argument = {.op = operation, .datalen = sizeof part, .data = &part};
	insist(disk->fd, BLKPG, &argument, "BLKPG");
}

/* Its number, as sysfs says it. */
static void number_of(struct disk *disk, unsigned *major, unsigned *minor)
{
	char path[128];
	snprintf(path, sizeof path, "/sys/block/loop%d/loop%dp1/dev", disk->number, disk->number);
	FILE *file = fopen(path, "r");
	if (file == NULL || fscanf(file, "%u:%u", major, minor) != 2)
		fail(path);
	fclose(file);
}

/* The kernel makes one for who opens its number, too. Until that is made it is there already for who wants to make it, and has no node. */
static int open_loop(int number, const char *node)
{
	uint64_t begin = now_us();
	for (;;) {
		if (ioctl(control, LOOP_CTL_ADD, number) < 0 && errno != EEXIST)
			fail("LOOP_CTL_ADD");
		int fd = open(node, O_RDWR | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		if ((errno != ENOENT && errno != ENXIO) || now_us() - begin > PATIENCE_US)
			fail(node);
	}
}

static uint64_t add(struct disk *disk)
{
	char node[64];
	uint64_t diskseq;
	int memory = memfd_create("disk", MFD_CLOEXEC);
	struct loop_config config = {.fd = memory, .info.lo_flags = LO_FLAGS_PARTSCAN};
	snprintf(node, sizeof node, "/dev/loop%d", disk->number);
	disk->fd = open_loop(disk->number, node);
	if (memory < 0 || ftruncate(memory, DISK_BYTES) < 0)
		fail("memfd_create");
	if (ioctl(disk->fd, BLKGETDISKSEQ, &diskseq) < 0) // before it has another for what is behind it
		fail("BLKGETDISKSEQ");
	insist(disk->fd, LOOP_CONFIGURE, &config, "LOOP_CONFIGURE");
	close(memory);
	return diskseq;
}

static void end(struct disk *disk)
{
	if (disk->fd > 0) {
		ioctl(disk->fd, LOOP_CLR_FD);
		close(disk->fd);
	}
	disk->fd = 0;
	uint64_t begin = now_us();
	while (ioctl(control, LOOP_CTL_REMOVE, disk->number) < 0 && errno != ENODEV)
		if (errno != EBUSY || now_us() - begin > PATIENCE_US)
			fail("LOOP_CTL_REMOVE");
}

/* Returns after how many microseconds it had it. */
static uint64_t steal(struct disk *from, struct disk *by)
{
	unsigned major, minor, its_major, its_minor;
	number_of(from, &major, &minor);
	partition(from, BLKPG_DEL_PARTITION);
	uint64_t begin = now_us();
	for (;;) {
		partition(by, BLKPG_ADD_PARTITION);
		number_of(by, &its_major, &its_minor);
		if ((its_major == major && its_minor == minor) || now_us() - begin > PATIENCE_US)
			return now_us() - begin;
		partition(by, BLKPG_DEL_PARTITION);
		usleep(PAUSE_US);
	}
}

static void obey(const char *command, int first, int second)
{
	unsigned major, minor;
	struct disk *disk = disk_of(first);
	if (strcmp(command, "disk") == 0) {
		printf("disk %d %llu\n", first, (unsigned long long)add(disk));
	} else if (strcmp(command, "renew") == 0) {
		end(disk);
		printf("renew %d %llu\n", first, (unsigned long long)add(disk));
	} else if (strcmp(command, "end") == 0) {
		end(disk);
		printf("end %d\n", first);
	} else if (strcmp(command, "plug") == 0) {
		partition(disk, BLKPG_ADD_PARTITION);
		number_of(disk, &major, &minor);
		printf("plug %d %u %u\n", first, major, minor);
	} else if (strcmp(command, "unplug") == 0) {
		partition(disk, BLKPG_DEL_PARTITION);
		printf("unplug %d\n", first);
	} else if (strcmp(command, "steal") == 0) {
		printf("steal %d %d %llu\n", first, second, (unsigned long long)steal(disk, disk_of(second)));
	} else {
		exit(3);
	}
}

int main(void)
{
	char line[128], command[16];
	int first, second = 0;
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		fail("/dev/loop-control");
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof line, stdin) != NULL && sscanf(line, "%15s %d %d", command, &first, &second) >= 2)
		obey(command, first, second);
	for (int i = 0; i < DISKS_MAX; i++)
		if (disks[i].fd > 0)
			end(&disks[i]);
	return 0;
}
