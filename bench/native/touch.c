// touch DIRECTORY SOCKET: grants a device and revokes it, as bench/workers/touch.ts does, by the same calls of the system: an entry
// of a map, a node that is made in a workshop and linked to its place, and a datagram for each.
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "worker.h"

#define MAJOR 1
#define MINOR 11 // kmsg
#define NAME "kmsg"
#define MODE 0644
#define ENTRIES 64

struct key {
	uint32_t type, major, minor;
};

struct touch {
	int map, dev, workshop, socket;
};

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof *attr);
}

static int make_map(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_HASH,
				.key_size = sizeof(struct key),
				.value_size = sizeof(uint32_t),
				.max_entries = ENTRIES };
	int fd = (int)bpf(BPF_MAP_CREATE, &attr);
	if (fd < 0)
		fail("BPF_MAP_CREATE");
	return fd;
}

static int open_directory(const char *path)
{
	if (mkdir(path, 0755) != 0)
		fail(path);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	return fd;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		fail(path);
	return fd;
}

static struct touch open_all(const char *directory, const char *path)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("bench", directory, "tmpfs", MS_NOSUID | MS_NOEXEC, NULL) != 0 || chdir(directory) != 0)
		fail(directory);
	return (struct touch){ .map = make_map(),
			       .dev = open_directory("dev"),
			       .workshop = open_directory("workshop"),
			       .socket = connect_to(path) };
}

static int map_change(const struct touch *touch, int command, const uint32_t *access)
{
	struct key key = { .type = BPF_DEVCG_DEV_CHAR, .major = MAJOR, .minor = MINOR };
	union bpf_attr attr = { .map_fd = (uint32_t)touch->map,
				.key = (uint64_t)(uintptr_t)&key,
				.value = (uint64_t)(uintptr_t)access };
	return bpf(command, &attr) == 0;
}

static int say(const struct touch *touch, const char *action)
{
	char event[256];
	int length = snprintf(event, sizeof event,
			      "%s@/devices/virtual/mem/kmsg%cACTION=%s%cDEVPATH=/devices/virtual/mem/kmsg%cSUBSYSTEM=mem%cMAJOR=1%cMINOR=11%c"
			      "DEVNAME=kmsg%cSEQNUM=1",
			      action, 0, action, 0, 0, 0, 0, 0, 0);
	return send(touch->socket, event, (size_t)length + 1, 0) > 0;
}

static int node_put(const struct touch *touch)
{
	struct stat there;
	return fstatat(touch->dev, NAME, &there, AT_SYMLINK_NOFOLLOW) != 0 &&
	       mknodat(touch->workshop, "new", S_IFCHR | MODE, makedev(MAJOR, MINOR)) == 0 &&
	       fchownat(touch->workshop, "new", 0, 0, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fchmodat(touch->workshop, "new", MODE, 0) == 0 &&
	       linkat(touch->workshop, "new", touch->dev, NAME, 0) == 0 && unlinkat(touch->workshop, "new", 0) == 0;
}

static int grant_and_revoke(const struct touch *touch)
{
	uint32_t access = BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;
	return map_change(touch, BPF_MAP_UPDATE_ELEM, &access) && node_put(touch) && say(touch, "add") &&
	       map_change(touch, BPF_MAP_DELETE_ELEM, NULL) && unlinkat(touch->dev, NAME, 0) == 0 &&
	       say(touch, "remove");
}

int main(int argc, char **argv)
{
	uint32_t wanted;
	if (argc < 3)
		return 2;
	struct touch touch = open_all(argv[1], argv[2]);
	worker_ready();
	while (worker_next(&wanted)) {
		struct mark start = mark_now();
		for (uint32_t i = 0; i < wanted; i++)
			if (!grant_and_revoke(&touch))
				fail("grant and revoke");
		worker_answer(start, wanted, 0, NULL);
	}
}
