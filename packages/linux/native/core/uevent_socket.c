#include "uevent_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include "sys.h"

static int turn_on(int fd, int level, int option)
{
	int on = 1;
	return sys_result(setsockopt(fd, level, option, &on, sizeof on));
}

static int set_receive_buffer(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0)
		return 0;
	return sys_result(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes));
}

// A socket that is connected to the kernel takes no unicast from anybody else: nobody can fill its buffer or forge an
// answer. Multicast is not concerned.
static int connect_to_kernel(int fd, uint32_t group)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_groups = group };
	return sys_result(connect(fd, (struct sockaddr *)&kernel, sizeof kernel));
}

static int bind_to_groups(int fd, uint32_t groups)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK, .nl_groups = groups };
	return sys_result(bind(fd, (struct sockaddr *)&self, sizeof self));
}

// Credentials are asked for before a datagram can arrive. Connecting comes after `bind`, which fails once there is
// a port.
static int prepare_listener(int fd, uint32_t groups, int receive_buffer)
{
	int error = set_receive_buffer(fd, receive_buffer);
	if (error == 0)
		error = turn_on(fd, SOL_SOCKET, SO_PASSCRED);
	if (error == 0)
		error = bind_to_groups(fd, groups);
	if (error == 0)
		error = connect_to_kernel(fd, 0);
	return error;
}

static int prepare_injector(int fd)
{
	int error = turn_on(fd, SOL_NETLINK, NETLINK_CAP_ACK); // an error need not bring the whole event back
	return error ? error : connect_to_kernel(fd, 0);
}

static int open_netlink(void)
{
	return sys_result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
}

static int keep_or_close(int fd, int error)
{
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

int uevent_socket_open(uint32_t groups, int receive_buffer)
{
	int fd = open_netlink();
	return fd < 0 ? fd : keep_or_close(fd, prepare_listener(fd, groups, receive_buffer));
}

int uevent_injector_open(void)
{
	int fd = open_netlink();
	return fd < 0 ? fd : keep_or_close(fd, prepare_injector(fd));
}

#define SEND_BUFFER 16384 // twice what udev's readers take; the kernel doubles it

// What it sends goes to the group, and to the kernel, which takes no notice of it.
static int prepare_group(int fd, uint32_t group)
{
	int bytes = SEND_BUFFER;
	int error = sys_result(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes));
	return error ? error : connect_to_kernel(fd, group);
}

int uevent_group_open(uint32_t group)
{
	int fd = open_netlink();
	return fd < 0 ? fd : keep_or_close(fd, prepare_group(fd, group));
}

int socket_receive_buffer(int fd)
{
	int bytes = 0;
	socklen_t length = sizeof bytes;
	int error = sys_result(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &length));
	return error ? error : bytes;
}
