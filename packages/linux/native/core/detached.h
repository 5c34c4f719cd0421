#ifndef UB_DETACHED_H
#define UB_DETACHED_H

/**
 * Starts a thread that nobody waits for, with all signals blocked: for what may never end, because somebody else's driver or
 * file system answers. Returns 0 or -errno.
 */
int detached_start(void *(*run)(void *), void *context);

#endif
