// What a program reads of a uevent socket looks as if the kernel, or udevd, had said it.
#include "next.h"
#include "table.h"

/** True if this call shows that a datagram is empty. */
static int shows_length(const struct msghdr *message, int flags)
{
	size_t room = 0;
	for (size_t i = 0; i < (size_t)message->msg_iovlen; i++)
		room += message->msg_iov[i].iov_len;
	return room > 0 || (flags & MSG_TRUNC) != 0;
}

static void drop_one(int fd)
{
	struct msghdr nothing = {0};
	SYS(recvmsg, fd, &nothing, MSG_DONTWAIT);
}

/** The sender is who it would be on netlink: whoever can send to this socket is trusted, as the directory is. */
static void rewrite_sender(struct msghdr *message, void *name, socklen_t size, uint32_t groups)
{
	struct sockaddr_nl from = {.nl_family = AF_NETLINK, .nl_groups = groups};
	if (name != NULL) {
		memcpy(name, &from, size < sizeof from ? size : sizeof from);
		message->msg_namelen = sizeof from;
	}
	for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each != NULL; each = CMSG_NXTHDR(message, each))
		if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SCM_CREDENTIALS)
			memset(CMSG_DATA(each), 0, each->cmsg_len - CMSG_LEN(0));
}

/** An empty datagram is never shown: it ends mdev and mdevd. */
static ssize_t receive(int fd, const struct socket *socket, struct msghdr *message, int flags)
{
	struct msghdr asked = *message;
	for (;;) {
		ssize_t size = NEXT(recvmsg, fd, message, flags);
		if (size > 0 || (size == 0 && !shows_length(message, flags)))
			rewrite_sender(message, asked.msg_name, asked.msg_namelen, socket->groups);
		if (size != 0 || !shows_length(message, flags))
			return size;
		if ((flags & MSG_PEEK) != 0)
			drop_one(fd);
		*message = asked;
	}
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct socket socket;
	if (message == NULL || !table_find(fd, &socket))
		return NEXT(recvmsg, fd, message, flags);
	return receive(fd, &socket, message, flags);
}

EXPORT ssize_t recvfrom(int fd, void *bytes, size_t room, int flags, struct sockaddr *from, socklen_t *from_size)
{
	struct socket socket;
	if (!table_find(fd, &socket))
		return NEXT(recvfrom, fd, bytes, room, flags, from, from_size);
	struct iovec into = {bytes, room};
	struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1};
	if (from != NULL && from_size != NULL) {
		message.msg_name = from;
		message.msg_namelen = *from_size;
	}
	ssize_t size = receive(fd, &socket, &message, flags);
	if (size >= 0 && message.msg_name != NULL)
		*from_size = message.msg_namelen;
	return size;
}

EXPORT ssize_t recv(int fd, void *bytes, size_t room, int flags)
{
	return recvfrom(fd, bytes, room, flags, NULL, NULL);
}

EXPORT ssize_t read(int fd, void *bytes, size_t room)
{
	struct socket socket;
	if (room == 0 || !table_find(fd, &socket))
		return NEXT(read, fd, bytes, room);
	return recv(fd, bytes, room, 0);
}

EXPORT ssize_t readv(int fd, const struct iovec *into, int count)
{
	struct socket socket;
	struct msghdr message = {.msg_iov = (struct iovec *)into, .msg_iovlen = count > 0 ? (size_t)count : 0};
	if (!table_find(fd, &socket) || !shows_length(&message, 0))
		return NEXT(readv, fd, into, count);
	return receive(fd, &socket, &message, 0);
}

/** One after the other: an empty one among them would have to be taken out of the middle. The timeout is not needed for that. */
EXPORT int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
	struct socket socket;
	if (!table_find(fd, &socket))
		return NEXT(recvmmsg, fd, messages, count, flags, timeout);
	for (unsigned i = 0; i < count; i++) {
		int later = i > 0 && (flags & MSG_WAITFORONE) != 0 ? MSG_DONTWAIT : 0;
		ssize_t size = receive(fd, &socket, &messages[i].msg_hdr, (flags & ~MSG_WAITFORONE) | later);
		if (size < 0)
			return i > 0 ? (int)i : -1;
		messages[i].msg_len = (unsigned)size;
	}
	return (int)count;
}

_Noreturn extern void abort(void);

/** What the compiler makes of the calls above where it knows the size of the buffer. */
static void check(size_t room, size_t size)
{
	if (room > size)
		abort();
}

EXPORT ssize_t __recv_chk(int fd, void *bytes, size_t room, size_t size, int flags)
{
	check(room, size);
	return recv(fd, bytes, room, flags);
}

EXPORT ssize_t __recvfrom_chk(int fd, void *bytes, size_t room, size_t size, int flags, struct sockaddr *from,
			      socklen_t *from_size)
{
	check(room, size);
	return recvfrom(fd, bytes, room, flags, from, from_size);
}

EXPORT ssize_t __read_chk(int fd, void *bytes, size_t room, size_t size)
{
	check(room, size);
	return read(fd, bytes, room);
}
