#ifndef UB_DETACHED_H
#define UB_DETACHED_H

/**
 * Starts a thread that nobody waits for, with all signals blocked: for what may never end, because somebody else's driver or
 * file system answers. Returns 0 or -errno.
 */
int detached_start(void *(*run)(void *), void *context);

/**
 * The same in a process of its own, which has `own` (ascending) and no other descriptor: one that never ends keeps no lock and no
 * socket of ours, and does not keep us from ending, as a thread would. It has a copy of `context`: the caller frees its own. The
 * caller's `own` are closed, unless it fails; one that is -errno is why it does.
 */
int detached_start_apart(void *(*run)(void *), void *context, const int *own, int count);

/** 1 if a process is one of those that work apart, else 0. */
int detached_has(int pid);

#endif
