#ifndef UB_CARRY_H
#define UB_CARRY_H

#include <stddef.h>

#define CARRIED_MAX 64

/**
 * Gives a mount that is mounted nowhere yet, at some of its names (each ends in NUL), what is mounted at those names of `place`, with
 * all below it: at no more than CARRIED_MAX of them, and at none where one is a directory and the other is not. `place` is in `mntns`,
 * which the process is in and stays in; it must have one thread. Replaces `*tree`. 0 or -errno.
 */
int carry_mounts(int *tree, int mntns, int place, const char *names, size_t length);

#endif
