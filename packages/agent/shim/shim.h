// What the files of this library share. It names no C library, so that one file is for programs of any of them.
#ifndef UEVENT_SHIM_H
#define UEVENT_SHIM_H

#undef _FORTIFY_SOURCE // the checking variants are defined here, not used
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#include "../native/sys.h"

#define EXPORT __attribute__((visibility("default")))

extern int *__errno_location(void);

/** A system call's result as a C library gives it. */
static inline long answer(long result)
{
	if (result >= 0)
		return result;
	*__errno_location() = (int)-result;
	return -1;
}

/** The variable's value; NULL if there is none, or where the program has rights that its caller has not. */
const char *variable(const char *name);

/** A line on stderr, if UEVENT_SHIM_DEBUG is set. */
void debug(const char *what, const char *why);

#endif
