// The functions that this library stands before. Until it is initialized the system calls themselves do.
#ifndef UEVENT_SHIM_NEXT_H
#define UEVENT_SHIM_NEXT_H

#include "shim.h"

#define NEXT_FUNCTIONS(F)                                                      \
	F(socket, int, (int, int, int))                                        \
	F(bind, int, (int, const void *, socklen_t))                           \
	F(connect, int, (int, const void *, socklen_t))                        \
	F(getsockname, int, (int, void *, socklen_t *))                        \
	F(setsockopt, int, (int, int, int, const void *, socklen_t))           \
	F(shutdown, int, (int, int))                                           \
	F(sendto, ssize_t, (int, const void *, size_t, int, const void *, socklen_t)) \
	F(sendmsg, ssize_t, (int, const struct msghdr *, int))                 \
	F(recvfrom, ssize_t, (int, void *, size_t, int, void *, socklen_t *))  \
	F(recvmsg, ssize_t, (int, struct msghdr *, int))                       \
	F(recvmmsg, int, (int, struct mmsghdr *, unsigned, int, struct timespec *)) \
	F(read, ssize_t, (int, void *, size_t))                                \
	F(readv, ssize_t, (int, const struct iovec *, int))                    \
	F(close, int, (int))                                                   \
	F(dup, int, (int))                                                     \
	F(dup3, int, (int, int, int))                                          \
	F(fcntl, int, (int, int, ...))                                         \
	F(close_range, int, (unsigned, unsigned, int))

#define DECLARE(name, result, arguments) extern result(*next_##name) arguments;
NEXT_FUNCTIONS(DECLARE)
#undef DECLARE

/** `NEXT(close, fd)`: as the program would have it without this library. */
#define NEXT(name, ...) (next_##name != NULL ? next_##name(__VA_ARGS__) : answer(SYS(name, ##__VA_ARGS__)))

#endif
