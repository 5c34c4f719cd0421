#ifndef UB_SERVICE_H
#define UB_SERVICE_H

#include <stddef.h>
#include <stdint.h>

/**
 * Says something to the service manager that listens at `path`, an abstract socket if that begins with `@`, and hands it these descriptors.
 * Never waits: -EAGAIN if it does not read. Returns 0 or -errno.
 */
int service_say(const char *path, const void *text, size_t length, const int *fds, uint32_t count);

/**
 * 0 if a descriptor that somebody kept is a socket as `uevent_socket_open(1, …)` makes it, in the calling thread's network namespace; else
 * -errno. From then on it is closed in programs that are run.
 */
int service_check_source(int fd);

/** Opens memory of so many bytes that somebody can keep, and whose size stays what it is: a descriptor or -errno. */
int service_open_memory(size_t size);

/**
 * Maps memory that `service_open_memory` made with this size: 0 or -errno. From then on it is closed in programs that are run.
 */
int service_map_memory(int fd, size_t size, void **memory);

#endif
