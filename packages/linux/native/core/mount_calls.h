// Calls that mount, by descriptors alone. <linux/mount.h> clashes with older C libraries.
#ifndef UB_MOUNT_CALLS_H
#define UB_MOUNT_CALLS_H

#include <sys/mount.h>

#include "sys.h"

#define TREE_CLONE 1
#define TREE_RECURSIVE 0x8000 // AT_RECURSIVE
#define MOVE_FROM_FD 0x04
#define MOVE_TO_FD 0x40
#define ATTRIBUTE_RDONLY 1
#define ATTRIBUTE_NOSUID 2
#define ATTRIBUTE_NODEV 4
#define ATTRIBUTE_NOEXEC 8

struct mount_attributes {
	uint64_t set;
	uint64_t clear;
	uint64_t propagation;
	uint64_t userns;
};

/**
 * A copy of what is at `place`, which is mounted nowhere yet; TREE_RECURSIVE: with all that is mounted below it. Returns a descriptor or
 * -errno.
 */
static inline int mount_copy(int place, unsigned flags, const struct mount_attributes *attributes)
{
	int tree = sys_result(syscall(SYS_open_tree, place, "", AT_EMPTY_PATH | TREE_CLONE | O_CLOEXEC | flags));
	if (tree < 0)
		return tree;
	int error = sys_result(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | flags, attributes, sizeof *attributes));
	if (error == 0)
		return tree;
	close(tree);
	return error;
}

/** Mounts what is mounted nowhere yet. 0 or -errno. */
static inline int mount_move(int tree, int place)
{
	return sys_result(syscall(SYS_move_mount, tree, "", place, "", MOVE_FROM_FD | MOVE_TO_FD));
}

#endif
