// The directory of sockets: what is bound there is told by the relay, in the form that its name asks for.
#ifndef UEVENT_SHIM_DIRECTORY_H
#define UEVENT_SHIM_DIRECTORY_H

#include "table.h"

/**
 * Opens a datagram socket that is bound in the directory under a name that is no listener's, and sweeps what dead ones left
 * there. Returns its descriptor, or -errno; then `why` says in words what is wrong.
 */
int directory_socket(int flags, struct socket *socket, const char **why);

/** Has the relay tell it in the form of these groups; 0: no more. Returns 0 or -errno. */
int directory_join(struct socket *socket, uint32_t groups);

/** Unlinks its name if nobody has it open any more, a child or the process that forked us. */
void directory_leave(const struct socket *socket);

/** The same at the end of the process, which has it open as `fd`: what may still close that finds something to close. */
void directory_leave_open(const struct socket *socket, int fd);

#endif
