#ifndef UB_NAMESPACE_H
#define UB_NAMESPACE_H

#include <stdint.h>

/** Opens a process as a pidfd, or -errno: -ESRCH if there is none, -EINVAL if it is a thread. */
int process_open(int pid);

/** 1 if the process of a pidfd has ended, 0 if not, or -errno. */
int process_has_ended(int pidfd);

/** The CLONE_NEW* constant of a namespace's descriptor, or -errno. */
int namespace_type(int fd);

/** Opens the user namespace that owns a namespace, or -errno: -EPERM if it is not ours or below. */
int namespace_owner(int fd);

/** The uid of who made a user namespace, or -errno. */
int64_t namespace_owner_uid(int fd);

/** Opens the namespace above one of processes or of users, or -errno: -EPERM if that is above ours. */
int namespace_parent(int fd);

/** The number of a mount namespace, which no other ever has until the next boot; 0 where the kernel gives none (before 6.11). */
uint64_t namespace_mount_id(int fd);

/** 1 if there is a mount namespace of such a number, be it without a process, or 0; -errno: the kernel does not say it. */
int namespace_mount_exists(uint64_t id);

/** Sends a signal to the process of a pidfd, and to no other that has its number now: 0 or -errno. */
int process_signal(int pidfd, int signal);

#endif
