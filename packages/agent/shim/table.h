// The uevent sockets of this process. No locks: any thread and any signal handler may come by.
#ifndef UEVENT_SHIM_TABLE_H
#define UEVENT_SHIM_TABLE_H

#include "shim.h"

/** Descriptors of uevent sockets at a time. */
#define SLOTS 64
#define RANDOM_DIGITS 12

/** How one is called in the directory. */
struct name {
	int pid; // who made it
	char random[RANDOM_DIGITS];
};

struct socket {
	uint64_t inode;
	struct name name;
	uint32_t groups; // that it is told of as: 0 none, 1 the kernel's, 2 udev's, 4 libudev-zero's
	uint32_t port;   // 0: not bound
};

/** Takes a descriptor in; false if there is no room. */
int table_add(int fd, const struct socket *socket);

/** True if it is one; a number that was closed and given to something else meanwhile is not. */
int table_find(int fd, struct socket *socket);

/** Says of all descriptors of the socket what it is bound to. */
void table_bind(const struct socket *socket);

/** Forgets a descriptor, unless this is a child that shares its memory with the process that has it. */
void table_remove(int fd);

/** The descriptors from this number on, the lowest first: -1 if there is none. */
int table_next(int from, struct socket *socket);

#endif
