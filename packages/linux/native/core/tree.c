#include "tree.h"

#include <stdio.h>
#include <sys/mount.h>

#include "sys.h"

// <linux/mount.h>, which clashes with older C libraries
#define TREE_CLONE 1
#define TREE_CLOEXEC O_CLOEXEC
#define RECURSIVE 0x8000
#define MOVE_FROM_FD 0x04
#define MOVE_TO_FD 0x40
#define READ_ONLY 1
#define ALWAYS (2 | 4 | 8) // MOUNT_ATTR_NOSUID, NODEV, NOEXEC

struct mount_attributes {
	uint64_t set;
	uint64_t clear;
	uint64_t propagation;
	uint64_t userns;
};

static int set_attributes(int mount, struct mount_attributes attributes)
{
	return sys_result(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
}

int tree_open(int directory, const char *path)
{
	return sys_open_beneath(directory, path, O_PATH);
}

static int clone_place(int place, enum tree_access access)
{
	int deep = access == TREE_AS_IT_IS ? RECURSIVE : 0;
	int tree = sys_result(syscall(SYS_open_tree, place, "", AT_EMPTY_PATH | TREE_CLONE | TREE_CLOEXEC | deep));
	if (tree < 0 || deep)
		return tree;
	int error = set_attributes(tree, (struct mount_attributes){
						 .set = ALWAYS | (access == TREE_READ_ONLY ? READ_ONLY : 0),
						 .propagation = MS_PRIVATE,
					 });
	if (error == 0)
		return tree;
	close(tree);
	return error;
}

int tree_clone(int directory, const char *path, enum tree_access access)
{
	int place = tree_open(directory, path);
	if (place < 0)
		return place;
	int tree = clone_place(place, access);
	close(place);
	return tree;
}

int tree_place(int tree, int directory, const char *path)
{
	int place = tree_open(directory, path);
	if (place < 0)
		return place;
	int error = sys_result(syscall(SYS_move_mount, tree, "", place, "", MOVE_FROM_FD | MOVE_TO_FD));
	close(place);
	return error;
}

int tree_share(int directory, const char *path, int shared)
{
	int place = tree_open(directory, path);
	if (place < 0)
		return place;
	int error = set_attributes(place, (struct mount_attributes){ .propagation = shared ? MS_SHARED : MS_PRIVATE });
	close(place);
	return error;
}

int tree_unmount(int directory, const char *path)
{
	char way[32];
	int place = tree_open(directory, path);
	if (place < 0)
		return place;
	snprintf(way, sizeof way, "/proc/self/fd/%d", place); // leads to the mount itself, wherever its path does by now
	int error = sys_result(umount2(way, MNT_DETACH));
	close(place);
	return error;
}
