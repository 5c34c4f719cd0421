// receiver PID QUEUE PATH [timed]: a listener in a container, in the network namespace of a process, whose socket holds QUEUE
// datagrams and one more; or, where PATH is `netlink:GROUP`, one that listens to a group of uevents. With `timed` it answers when
// each arrived.
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "netns.h"
#include "worker.h"

#define NETLINK "netlink:"
#define MANY 64
#define SIZE 4416 // bytes
#define PATIENCE_S 5 // then what is missing does not come any more

struct inbox {
	struct mmsghdr messages[MANY];
	struct iovec slots[MANY];
	uint8_t bytes[MANY][SIZE];
};

// Of the sockets that are made in this network namespace from now on.
static void set_queue(const char *datagrams)
{
	FILE *file = fopen("/proc/sys/net/unix/max_dgram_qlen", "we");
	if (file == NULL || fputs(datagrams, file) < 0 || fclose(file) != 0)
		fail("max_dgram_qlen");
}

static int bind_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		fail(path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

static int listen_to(const char *group)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = (unsigned)atoi(group) };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		fail("NETLINK_KOBJECT_UEVENT");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

static void prepare(struct inbox *inbox)
{
	for (int i = 0; i < MANY; i++) {
		inbox->slots[i] = (struct iovec){ .iov_base = inbox->bytes[i], .iov_len = SIZE };
		inbox->messages[i].msg_hdr = (struct msghdr){ .msg_iov = &inbox->slots[i], .msg_iovlen = 1 };
	}
}

static void receive(struct inbox *inbox, int fd, uint32_t wanted, uint64_t *times)
{
	struct mark start = mark_now();
	uint64_t count = 0, bytes = 0;
	while (count < wanted) {
		uint32_t room = wanted - count < MANY ? wanted - (uint32_t)count : MANY;
		int received = recvmmsg(fd, inbox->messages, room, MSG_WAITFORONE, NULL);
		if (received < 0 && errno == EAGAIN)
			break;
		if (received < 0)
			fail("recvmmsg");
		uint64_t now = times != NULL ? clock_ns() : 0;
		for (int i = 0; i < received; i++, count++) {
			bytes += inbox->messages[i].msg_len;
			if (times != NULL)
				times[count] = now;
		}
	}
	worker_answer(start, count, bytes, times);
}

int main(int argc, char **argv)
{
	static struct inbox inbox;
	uint32_t wanted;
	if (argc < 4)
		return 2;
	netns_enter(atoi(argv[1]));
	int is_netlink = strncmp(argv[3], NETLINK, strlen(NETLINK)) == 0;
	if (!is_netlink)
		set_queue(argv[2]);
	int fd = is_netlink ? listen_to(argv[3] + strlen(NETLINK)) : bind_to(argv[3]);
	prepare(&inbox);
	worker_ready();
	while (worker_next(&wanted)) {
		uint64_t *times = argc > 4 ? calloc(wanted, sizeof *times) : NULL;
		receive(&inbox, fd, wanted, times);
		free(times);
	}
	if (!is_netlink)
		unlink(argv[3]);
}
