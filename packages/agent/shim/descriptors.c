// Descriptors of uevent sockets come and go.
#include "directory.h"
#include "next.h"

#include <limits.h>
#include <linux/close_range.h>
#include <stdarg.h>

EXPORT int close(int fd)
{
	struct socket socket;
	if (!table_find(fd, &socket))
		return NEXT(close, fd);
	table_remove(fd); // before another thread gets the number
	int result = NEXT(close, fd);
	directory_leave(&socket);
	return result;
}

EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	struct socket sockets[SLOTS];
	int count = 0;
	int fd = first <= INT_MAX && (flags & CLOSE_RANGE_CLOEXEC) == 0 ? table_next((int)first, &sockets[0]) : -1;
	while (fd >= 0 && (unsigned)fd <= last && count < SLOTS) {
		table_remove(fd);
		if (++count < SLOTS)
			fd = table_next(fd + 1, &sockets[count]);
	}
	int result = NEXT(close_range, first, last, flags);
	for (int i = 0; i < count; i++)
		directory_leave(&sockets[i]);
	return result;
}

/** Without room for it the copy hears datagrams as they come. */
static int copied(int to, const struct socket *socket)
{
	if (to >= 0 && !table_add(to, socket))
		debug("a copy", " of a socket is one too many for this program");
	return to;
}

EXPORT int dup(int fd)
{
	struct socket socket;
	return table_find(fd, &socket) ? copied(NEXT(dup, fd), &socket) : NEXT(dup, fd);
}

EXPORT int dup3(int from, int to, int flags)
{
	struct socket socket, replaced;
	int is_ours = table_find(from, &socket), replaces = from != to && table_find(to, &replaced);
	int result = NEXT(dup3, from, to, flags);
	if (result < 0)
		return result;
	if (replaces) {
		table_remove(to);
		directory_leave(&replaced);
	}
	return is_ours ? copied(result, &socket) : result;
}

EXPORT int dup2(int from, int to)
{
	if (from == to)
		return NEXT(fcntl, from, F_GETFD, 0) < 0 ? -1 : to;
	return dup3(from, to, 0);
}

static int control(int fd, int command, long argument)
{
	struct socket socket;
	int copies = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
	if (copies && table_find(fd, &socket))
		return copied(NEXT(fcntl, fd, command, argument), &socket);
	return NEXT(fcntl, fd, command, argument);
}

EXPORT int fcntl(int fd, int command, ...)
{
	va_list arguments;
	va_start(arguments, command);
	long argument = va_arg(arguments, long);
	va_end(arguments);
	return control(fd, command, argument);
}

/** What programs for large files call, which are all on machines of 64 bits. */
EXPORT int fcntl64(int fd, int command, ...)
{
	va_list arguments;
	va_start(arguments, command);
	long argument = va_arg(arguments, long);
	va_end(arguments);
	return control(fd, command, argument);
}

__attribute__((destructor)) static void leave_all(void)
{
	struct socket socket;
	for (int fd = table_next(0, &socket); fd >= 0; fd = table_next(fd + 1, &socket))
		directory_leave_open(&socket, fd);
}
