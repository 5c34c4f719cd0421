#include "netns.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker.h"

#define RECEIVE_BUFFER (128 << 20) // bytes, as udevd asks for

static int open_namespace(pid_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	return fd;
}

void netns_enter(pid_t pid)
{
	int netns = open_namespace(pid, "net");
	if (setns(netns, CLONE_NEWNET) < 0) {
		int userns = open_namespace(pid, "user");
		if (setns(userns, CLONE_NEWUSER) < 0 || setns(netns, CLONE_NEWNET) < 0)
			fail("setns");
		close(userns);
	}
	close(netns);
}

static void grow_buffer(int fd)
{
	int bytes = RECEIVE_BUFFER;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

int netns_listen(pid_t pid)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int on = 1;
	netns_enter(pid);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
		fail("NETLINK_KOBJECT_UEVENT");
	grow_buffer(fd);
	if (bind(fd, (struct sockaddr *)&self, sizeof self) < 0)
		fail("bind");
	return fd;
}
