#ifndef UB_ENTER_H
#define UB_ENTER_H

#define ENTERED_MAX 2

/** Descriptors that were opened inside a namespace; those not used are -1. */
struct entered {
	int fds[ENTERED_MAX];
};

/** Opens something in the calling thread's network namespace: 0 or -errno. Runs after fork too: no malloc, no locks. */
typedef int (*entered_opener)(const void *argument, struct entered *opened);

/** Runs the opener in the namespace (of network, or of cgroups), on a thread that ends with it. Returns 0 or -errno. */
int enter_by_thread(int namespace, entered_opener open, const void *argument, struct entered *opened);

/**
 * The same in a child that enters the user namespace first: the way for those who own that, and have no privilege
 * outside of it. A multi-threaded process cannot enter one itself.
 */
int enter_by_child(int userns, int netns, entered_opener open, const void *argument, struct entered *opened);

/** Copies /proc/self/cgroup, with the paths that it has in that namespace, to a file in memory: its descriptor or -errno. */
int enter_cgroups(int cgroupns);

#endif
