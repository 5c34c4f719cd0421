#ifndef UB_CHILD_H
#define UB_CHILD_H

#include <sys/socket.h>
#include <sys/types.h>

/**
 * Forks with every signal blocked in the child, so that it never runs a handler of Node's. The child may make system
 * calls only. It is not dumpable: a container that shares our pid namespace cannot trace this copy of our memory.
 */
int child_fork(void);

/**
 * A pair of sockets, the first for us and the second for a child. Who shares the user namespace that the child enters may stop
 * it: reading the first gives -EAGAIN then, after two seconds. Returns 0 or -errno.
 */
int child_channel(int pair[2]);

/** `recvmsg` on the first of the pair, as it was made. No signal makes it shorter, or longer. Returns the length or -errno. */
int child_receive(int channel, struct msghdr *message);

/** Ends a child, also one that was stopped, and waits for it. */
void child_end(int pid);

/**
 * Starts a child that enters a user namespace and stays until `*leash` is closed (by us, or by our end).
 * Returns its pid, whose /proc/PID/uid_map and gid_map are the namespace's, or -errno.
 */
int child_in_userns(int userns, int *leash);

/** Lets the child of `child_in_userns` go and waits for it. */
void child_release(int pid, int leash);

#endif
