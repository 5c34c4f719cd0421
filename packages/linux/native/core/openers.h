#ifndef UB_OPENERS_H
#define UB_OPENERS_H

#include <stdint.h>

#include "enter.h"

#define KERNEL_GROUP 1

struct listen_request {
	uint32_t groups;
	int receive_buffer;
};

/** Opens a socket that hears uevents; the argument is a listen_request. */
int open_uevent_listener(const void *request, struct entered *opened);

/**
 * Opens a socket that says uevents to a group, and the namespace's list of netlink sockets (/proc/net/netlink). The argument
 * is the group, a uint32_t: to the kernel's the kernel itself says them.
 */
int open_uevent_injector(const void *request, struct entered *opened);

/** Opens a sysfs that shows the namespace's devices. It is mounted nowhere and ends with its descriptor. No argument. */
int open_sysfs(const void *unused, struct entered *opened);

/** The same with a mount namespace of its own, for those who may mount nothing in ours. */
int open_sysfs_apart(const void *unused, struct entered *opened);

#endif
