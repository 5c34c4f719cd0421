#ifndef UB_DETACHED_H
#define UB_DETACHED_H

/**
 * Starts a thread that nobody waits for, with all signals blocked: for what may never end, because somebody else's driver or
 * file system answers. Returns 0 or -errno.
 */
int detached_start(void *(*run)(void *), void *context);

/**
 * The same for a thread with a table of descriptors of its own, which has `own` (ascending) and no other: one that never ends keeps
 * no lock and no socket of this process. The caller's `own` are closed, unless it fails; `run` closes the thread's.
 */
int detached_start_apart(void *(*run)(void *), void *context, const int *own, int count);

#endif
