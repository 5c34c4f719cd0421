#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../core/peek.h"
#include "check.h"

void test_peek(void)
{
	struct sock_filter pass = BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
	struct sock_fprog program = { .len = 1, .filter = &pass };
	struct peeked peeked;
	int buffer = 65536;
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	CHECK(pidfd >= 0 && fd >= 0);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer) == 0);
	int error = socket_peek(pidfd, fd, &peeked);
	if (error == -EPERM || error == -ENOSYS) {
		printf("skipped: no descriptor may be taken here\n");
	} else {
		CHECK(error == 0 && peeked.receive_buffer == 2 * buffer && peeked.filter == 0);
		CHECK(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0);
		CHECK(socket_peek(pidfd, fd, &peeked) == 0 && peeked.filter == 1);
		CHECK(socket_peek(pidfd, 1000000, &peeked) == -EBADF);
	}
	close(fd);
	close(pidfd);
}
