// Hears the kernel's group, as a program for any C library: each event is a line of ACTION@DEVPATH.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NETLINK_KOBJECT_UEVENT 15

struct sockaddr_nl { // of <linux/netlink.h>, which not every library's compiler finds
	sa_family_t nl_family;
	uint16_t nl_pad;
	uint32_t nl_pid, nl_groups;
};

int main(void)
{
	char bytes[8192];
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK, .nl_groups = 1}, from = {0};
	socklen_t size = sizeof from;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (fd < 0 || bind(fd, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		return 1;
	if (getsockname(fd, (struct sockaddr *)&from, &size) < 0 || from.nl_pid != (unsigned)getpid())
		return 2;
	for (int calls = 0;; calls++) {
		memset(&from, 0xff, sizeof from);
		ssize_t length = calls % 2 == 0 ? read(fd, bytes, sizeof bytes)
						: recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size);
		if (length <= 0 || (calls % 2 == 1 && (from.nl_pid != 0 || from.nl_groups != 1)))
			return 3;
		puts(bytes);
		fflush(stdout);
	}
}
