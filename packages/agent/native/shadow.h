#ifndef UA_SHADOW_H
#define UA_SHADOW_H

/**
 * Moves this process into a user namespace and a network namespace of their own: the initial user namespace does not own the
 * netns, so that the kernel says nothing of the host's devices there. Returns 0 or -errno.
 */
long shadow_enter(void);

/** Has nobody trace this process who could not trace who started it. To be called before `shadow_enter`. */
void shadow_hide(void);

/** Gives up what a process may do there beyond a user without privilege. */
void shadow_drop_privileges(void);

#endif
