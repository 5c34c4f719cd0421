// What a program does with a uevent socket before it hears anything.
#include "directory.h"
#include "next.h"

/** Ports of sockets beside the first, whose port is the pid: as the kernel does, from here downwards. */
#define OTHER_PORTS 0xfffff000u

static _Atomic uint32_t ports;

/** The kernel's own answer to who says something where nobody listens. */
#define NOBODY_LISTENS (-ECONNREFUSED)

EXPORT int socket(int family, int type, int protocol)
{
	struct socket socket;
	const char *why;
	if (family != AF_NETLINK || protocol != NETLINK_KOBJECT_UEVENT)
		return NEXT(socket, family, type, protocol);
	int fd = directory_socket(type & (SOCK_CLOEXEC | SOCK_NONBLOCK), &socket, &why);
	if (fd >= 0 && !table_add(fd, &socket)) {
		SYS(close, fd);
		directory_leave(&socket);
		fd = -EMFILE;
		why = " is not used for so many sockets of one program";
	}
	if (fd >= 0)
		return fd;
	debug("the directory", why);
	return NEXT(socket, family, type, protocol);
}

static int join(struct socket *socket, uint32_t groups)
{
	int error = directory_join(socket, groups);
	table_bind(socket);
	return error;
}

EXPORT int bind(int fd, const struct sockaddr *address, socklen_t size)
{
	struct socket socket;
	struct sockaddr_nl asked;
	if (!table_find(fd, &socket))
		return NEXT(bind, fd, address, size);
	if (address == NULL || size < sizeof asked || address->sa_family != AF_NETLINK)
		return (int)answer(-EINVAL);
	memcpy(&asked, address, sizeof asked);
	if (asked.nl_pid != 0)
		socket.port = asked.nl_pid;
	else if (socket.port == 0) {
		uint32_t others = atomic_fetch_add(&ports, 1);
		socket.port = others == 0 ? (uint32_t)SYS(getpid) : OTHER_PORTS - others;
	}
	return (int)answer(join(&socket, asked.nl_groups));
}

EXPORT int getsockname(int fd, struct sockaddr *address, socklen_t *size)
{
	struct socket socket;
	if (!table_find(fd, &socket))
		return NEXT(getsockname, fd, address, size);
	struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_pid = socket.port, .nl_groups = socket.groups};
	if (address == NULL || size == NULL)
		return (int)answer(-EFAULT);
	memcpy(address, &own, *size < sizeof own ? *size : sizeof own);
	*size = sizeof own;
	return 0;
}

/** What netlink alone has: groups are joined and left, and the rest changes nothing here. */
static int set_netlink_option(struct socket *socket, int option, const void *value, socklen_t size)
{
	int group;
	if (option != NETLINK_ADD_MEMBERSHIP && option != NETLINK_DROP_MEMBERSHIP)
		return 0;
	if (value == NULL || size < sizeof group)
		return -EINVAL;
	memcpy(&group, value, sizeof group);
	if (group < 1 || group > 32)
		return -EINVAL;
	uint32_t groups = 1u << (group - 1);
	if (option == NETLINK_ADD_MEMBERSHIP)
		return join(socket, socket->groups | groups);
	return join(socket, socket->groups & ~groups);
}

EXPORT int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	struct socket socket;
	if (level != SOL_NETLINK || !table_find(fd, &socket))
		return NEXT(setsockopt, fd, level, option, value, size);
	return (int)answer(set_netlink_option(&socket, option, value, size));
}

/** Connected to the kernel it hears nobody else, as in any case. */
EXPORT int connect(int fd, const struct sockaddr *address, socklen_t size)
{
	struct socket socket;
	if (!table_find(fd, &socket))
		return NEXT(connect, fd, address, size);
	return address != NULL && address->sa_family == AF_NETLINK ? 0 : (int)answer(-EINVAL);
}

EXPORT int shutdown(int fd, int how)
{
	struct socket socket;
	return table_find(fd, &socket) ? (int)answer(-EOPNOTSUPP) : NEXT(shutdown, fd, how);
}

EXPORT ssize_t sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t to_size)
{
	struct socket socket;
	return table_find(fd, &socket) ? answer(NOBODY_LISTENS) : NEXT(sendto, fd, bytes, size, flags, to, to_size);
}

EXPORT ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	return sendto(fd, bytes, size, flags, NULL, 0);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct socket socket;
	return table_find(fd, &socket) ? answer(NOBODY_LISTENS) : NEXT(sendmsg, fd, message, flags);
}
