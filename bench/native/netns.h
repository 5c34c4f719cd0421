#ifndef BENCH_NETNS_H
#define BENCH_NETNS_H

#include <sys/types.h>

/** Enters the network namespace of a process, through its user namespace where that is needed. Ends the program if it may not. */
void netns_enter(pid_t pid);

/** A socket that listens to the kernel's uevent group in the network namespace of a process, with as much buffer as it gets. */
int netns_listen(pid_t pid);

#endif
