#include "testing.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "sys.h"

int datagram_bind(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	int fd = sys_result(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (fd < 0)
		return fd;
	int error = sys_result(bind(fd, (struct sockaddr *)&address, sizeof address));
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

int datagram_receive(int fd, void *buffer, size_t size)
{
	return sys_result(recv(fd, buffer, size, MSG_DONTWAIT));
}

int uevent_forge(const void *bytes, size_t size)
{
	struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = sys_result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT));
	if (fd < 0)
		return fd;
	int sent = sys_result(sendto(fd, bytes, size, 0, (struct sockaddr *)&group, sizeof group));
	close(fd);
	return sent < 0 ? sent : 0;
}

int file_lease(int fd)
{
	return sys_result(fcntl(fd, F_SETLEASE, F_WRLCK));
}

int file_map(int fd)
{
	void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_PRIVATE, fd, 0);
	return page == MAP_FAILED ? -errno : 0;
}

int loop_control(unsigned long command, int number)
{
	int control = sys_result(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
	if (control < 0)
		return control;
	int result = sys_result(ioctl(control, command, number));
	close(control);
	return result;
}
