#ifndef UA_NOTIFY_H
#define UA_NOTIFY_H

/** Whether a descriptor that somebody sent is one on which the kernel asks about system calls. */
int notify_is_one(int fd);

/**
 * Takes one question and answers it: `socket(AF_NETLINK, type, NETLINK_KOBJECT_UEVENT)` becomes such a socket in the network
 * namespace of this process; what else is asked goes on as if nobody had asked. Returns 0, or -errno if nothing can be
 * taken from there: -EINTR if somebody else takes what is asked there.
 */
long notify_answer(int fd);

/**
 * Has the kernel ask about that call of this process, and of all that comes of it. Returns the descriptor on which it asks,
 * or -errno. Without CAP_SYS_ADMIN, programs then gain no privileges by being run.
 */
long notify_install(void);

#endif
