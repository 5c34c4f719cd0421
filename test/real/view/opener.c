/*
 * A program of a container that hears of block devices and opens all that it can, as fast as it can, by each way that a program has.
 * It says what each thing that it opened was, by the number that the kernel gives to each disk: diskseq.
 *
 *     opener netlink | opener PATH-OF-ITS-SOCKET
 *
 * It reads `number NAME MAJOR MINOR`, a device to be tried of which it does not hear, `try NAME` and `report`, and ends with its stdin.
 * It writes
 *     ready                                 it hears
 *     opened DISKSEQ WAY NAME TIME          the first time each way since it has heard something; when the call
 *                                         began, in microseconds of CLOCK_MONOTONIC
 *     add NAME DISKSEQ | ERROR              it has read `add`: what the device that it could open, write and read then was, or why not
 *     remove NAME WAY=ERROR …               it has read `remove`: what each way says then
 *     had NAME FIRST LAST                   before that: when its first call that opened it ended and its last one began, in microseconds
 *     try NAME WAY=ERROR …                  the same when it is asked
 *     order NAME WHAT                       something was there before what has to come before it
 *     report WAY=OPENED/REFUSED …           how often
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define TARGETS_MAX 16
#define SEEN_MAX 16384 // a thousand cycles of some disks, each opened in every way
#define BLOCK 512
#define OWN "/tmp/own"		// nodes of its own making
#define HOST_DEV "/tmp/devtmpfs" // the kernel's nodes, where it may mount them

enum way { NODE, OWN_NODE, HELD, KERNELS, WAYS };
static const char *const WAY[WAYS] = {"node", "own", "held", "devtmpfs"};

struct target {
	char name[64];
	unsigned major, minor;
	uint64_t first, last; // when the first call that opened it ended and the last one began, since it was told that it went
	int held;   // an O_PATH descriptor of a node that it had once
	bool heard; // `add`, and no `remove` since
	bool known; // it hears of it
};

static struct target targets[TARGETS_MAX];
static int count;
static struct { unsigned long opened, refused; } counts[WAYS];
static struct { uint64_t diskseq; enum way way; } seen[SEEN_MAX];
static int seen_count;
static bool has_database; // /run/udev is there

static uint64_t now_us(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* A descriptor, or -errno. */
static int open_at(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int open_way(struct target *target, enum way way, int flags)
{
	char path[128];
	switch (way) {
	case NODE:
		snprintf(path, sizeof path, "/dev/%.63s", target->name);
		return open_at(path, flags);
	case OWN_NODE:
		snprintf(path, sizeof path, OWN "/%u:%u", target->major, target->minor);
		if (mknod(path, S_IFBLK | 0600, makedev(target->major, target->minor)) < 0 && errno != EEXIST)
			return -errno;
		return open_at(path, flags);
	case HELD:
		if (target->held < 0)
			return -ENOENT;
		snprintf(path, sizeof path, "/proc/self/fd/%d", target->held);
		return open_at(path, flags);
	default:
		snprintf(path, sizeof path, HOST_DEV "/%.63s", target->name);
		return open_at(path, flags);
	}
}

static void give_up(const char *why)
{
	fprintf(stderr, "opener: %s\n", why);
	exit(3);
}

static void note(uint64_t diskseq, enum way way, const char *name, uint64_t began)
{
	for (int i = seen_count - 1; i >= 0; i--)
		if (seen[i].diskseq == diskseq && seen[i].way == way)
			return;
	if (seen_count == SEEN_MAX)
		give_up("it has opened more than it can keep in mind");
	seen[seen_count].diskseq = diskseq;
	seen[seen_count++].way = way;
	printf("opened %llu %s %s %llu\n", (unsigned long long)diskseq, WAY[way], name, (unsigned long long)began);
}

/* Opens it and says what it was. Returns 0, or -errno. */
static int try_way(struct target *target, enum way way)
{
	uint64_t diskseq = 0, began = now_us();
	int fd = open_way(target, way, O_RDONLY);
	if (fd < 0) {
		counts[way].refused += fd == -EPERM;
		return fd;
	}
	counts[way].opened++;
	target->last = began;
	if (target->first == 0)
		target->first = now_us();
	if (ioctl(fd, BLKGETDISKSEQ, &diskseq) < 0)
		diskseq = 0;
	close(fd);
	note(diskseq, way, target->name, began);
	return 0;
}

/* Has a node that goes opened later all the same. */
static void hold(struct target *target)
{
	char path[128];
	if (target->held >= 0)
		return;
	snprintf(path, sizeof path, "/dev/%.63s", target->name);
	target->held = open(path, O_PATH | O_CLOEXEC);
}

static bool is_in_database(struct target *target)
{
	char path[64];
	snprintf(path, sizeof path, "/run/udev/data/b%u:%u", target->major, target->minor);
	return access(path, F_OK) == 0;
}

/* What has to be in front of what: rights, node, /run/udev. What comes later is looked at first. */
static void check_order(struct target *target)
{
	char path[128];
	snprintf(path, sizeof path, "/dev/%.63s", target->name);
	if (!target->heard) { // it comes
		bool in_database = has_database && is_in_database(target);
		bool is_there = access(path, F_OK) == 0;
		int opened = is_there ? try_way(target, NODE) : 0;
		if (in_database && !is_there)
			printf("order %s in /run/udev before its node\n", target->name);
		if (opened == -EPERM)
			printf("order %s a node before the right\n", target->name);
	} else { // it goes
		bool left_database = has_database && !is_in_database(target);
		bool is_there = access(path, F_OK) == 0;
		if (left_database && is_there)
			printf("order %s not in /run/udev, and its node there\n", target->name);
		if (!is_there && try_way(target, HELD) == 0)
			printf("order %s no node, and the right to open it\n", target->name);
	}
}

static const char *error_name(int result)
{
	return result < 0 ? strerrorname_np(-result) : "OPENED";
}

/* Opens it, writes to it and reads that. Returns 0, or -errno. */
static int exchange(struct target *target, uint64_t *diskseq)
{
	char out[BLOCK], in[BLOCK] = {0};
	int result = 0, fd = open_way(target, NODE, O_RDWR);
	if (fd < 0)
		return fd;
	snprintf(out, sizeof out, "%.63s %d", target->name, rand());
	if (ioctl(fd, BLKGETDISKSEQ, diskseq) < 0)
		result = -errno;
	else if (pwrite(fd, out, sizeof out, 0) != sizeof out || fsync(fd) < 0 || pread(fd, in, sizeof in, 0) != sizeof in)
		result = errno ? -errno : -EIO;
	else if (memcmp(out, in, sizeof out) != 0)
		result = -EILSEQ;
	close(fd);
	return result;
}

static void heard_add(struct target *target)
{
	uint64_t diskseq = 0;
	int result = exchange(target, &diskseq);
	if (has_database && !is_in_database(target))
		printf("order %s told before it was in /run/udev\n", target->name);
	if (target->held >= 0)
		close(target->held);
	target->held = -1;
	hold(target);
	target->heard = target->known = true;
	if (result < 0)
		printf("add %s %s\n", target->name, error_name(result));
	else
		printf("add %s %llu\n", target->name, (unsigned long long)diskseq);
}

static void try_all(struct target *target, const char *why)
{
	printf("%s %s", why, target->name);
	for (enum way way = 0; way < WAYS; way++)
		printf(" %s=%s", WAY[way], error_name(try_way(target, way)));
	printf("\n");
}

static void heard_remove(struct target *target)
{
	target->heard = false;
	if (has_database && is_in_database(target))
		printf("order %s told that it went, and still in /run/udev\n", target->name);
	printf("had %s %llu %llu\n", target->name, (unsigned long long)target->first, (unsigned long long)target->last);
	target->first = target->last = 0;
	try_all(target, "remove");
}

static struct target *find(const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(targets[i].name, name) == 0)
			return &targets[i];
	return NULL;
}

static struct target *target_of(const char *name, unsigned major, unsigned minor)
{
	struct target *target = find(name);
	if (target == NULL && count == TARGETS_MAX)
		give_up("it was told of more devices than it can keep in mind");
	if (target == NULL) {
		target = &targets[count++];
		snprintf(target->name, sizeof target->name, "%s", name);
		target->held = -1;
	}
	target->major = major;
	target->minor = minor;
	return target;
}

static void hear(char *bytes, ssize_t length)
{
	char *name = NULL;
	unsigned major = 0, minor = 0;
	bool is_block = false;
	for (char *each = bytes; each < bytes + length; each += strlen(each) + 1) {
		if (strncmp(each, "DEVNAME=", 8) == 0)
			name = each + 8;
		is_block |= strcmp(each, "SUBSYSTEM=block") == 0;
		sscanf(each, "MAJOR=%u", &major);
		sscanf(each, "MINOR=%u", &minor);
	}
	if (!is_block || name == NULL)
		return;
	seen_count = 0;
	if (strncmp(bytes, "add@", 4) == 0)
		heard_add(target_of(name, major, minor));
	else if (strncmp(bytes, "remove@", 7) == 0)
		heard_remove(target_of(name, major, minor));
}

static int listen_to(const char *where)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK, .nl_groups = 1};
	struct sockaddr_un place = {.sun_family = AF_UNIX};
	if (strcmp(where, "netlink") == 0) {
		int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
		return fd < 0 || bind(fd, (struct sockaddr *)&kernel, sizeof kernel) < 0 ? -1 : fd;
	}
	snprintf(place.sun_path, sizeof place.sun_path, "%s", where);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return fd < 0 || bind(fd, (struct sockaddr *)&place, sizeof place) < 0 ? -1 : fd;
}

static void report(void)
{
	printf("report database=%d/0", has_database);
	for (enum way way = 0; way < WAYS; way++)
		printf(" %s=%lu/%lu", WAY[way], counts[way].opened, counts[way].refused);
	printf("\n");
}

/* Returns false at the end of stdin. */
static bool obey(void)
{
	char line[256], name[64];
	unsigned major, minor;
	struct target *target;
	struct pollfd in = {.fd = 0, .events = POLLIN};
	while (poll(&in, 1, 0) > 0) {
		if (fgets(line, sizeof line, stdin) == NULL)
			return false;
		if (sscanf(line, "number %63s %u %u", name, &major, &minor) == 3)
			target_of(name, major, minor);
		else if (sscanf(line, "try %63s", name) == 1 && (target = find(name)) != NULL)
			try_all(target, "try");
		else if (strcmp(line, "report\n") == 0)
			report();
	}
	return true;
}

int main(int argc, char **argv)
{
	char bytes[8192];
	ssize_t length;
	int socket = argc == 2 ? listen_to(argv[1]) : -1;
	if (socket < 0)
		return perror("opener: it cannot listen"), 1;
	setvbuf(stdin, NULL, _IONBF, 0); // what is read is what poll() says is there
	setvbuf(stdout, NULL, _IOLBF, 0);
	mkdir(OWN, 0700);
	mkdir(HOST_DEV, 0700);
	mount("none", HOST_DEV, "devtmpfs", 0, NULL); // only root of the host's user namespace can
	printf("ready\n");
	while (obey()) {
		has_database = access("/run/udev/data", F_OK) == 0;
		while ((length = recv(socket, bytes, sizeof bytes - 1, 0)) > 0) {
			bytes[length] = 0;
			hear(bytes, length);
		}
		for (int i = 0; i < count; i++) {
			if (targets[i].known)
				check_order(&targets[i]);
			for (enum way way = 0; way < WAYS; way++)
				try_way(&targets[i], way);
		}
	}
	return 0;
}
