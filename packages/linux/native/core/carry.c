#include "carry.h"

#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "mount_calls.h"

/** Something mounted that comes along. */
struct carried {
	int copy;
	int target; // where in the new mount
};

static int is_nothing(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -ELOOP;
}

static int is_directory(uint32_t mode)
{
	return (mode & S_IFMT) == S_IFDIR;
}

// Whether something is mounted at `entry` that can be mounted at `target`. Asks no server of a file system.
static int fits(int entry, int target)
{
	struct statx found, ours;
	int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
	int error = sys_result(statx(entry, "", flags, STATX_TYPE, &found));
	if (error == 0)
		error = sys_result(statx(target, "", flags, STATX_TYPE, &ours));
	if (error < 0)
		return error;
	return (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) && is_directory(found.stx_mode) == is_directory(ours.stx_mode);
}

// Whoever follows a mount and is no peer of it takes nothing away from it: what is unmounted with the copy stays where it was.
static int copy_entry(int entry, struct carried *carried)
{
	const struct mount_attributes follows = { .propagation = MS_SLAVE };
	carried->copy = mount_copy(entry, TREE_RECURSIVE, &follows);
	return carried->copy < 0 ? carried->copy : 1;
}

// 1 if there is something, 0 or -errno.
static int find(int tree, int place, const char *name, struct carried *carried)
{
	int entry = sys_open_beneath(place, name, O_PATH);
	if (entry < 0)
		return is_nothing(entry) ? 0 : entry;
	carried->target = sys_open_beneath(tree, name, O_PATH);
	int result = carried->target < 0 ? carried->target : fits(entry, carried->target);
	if (result > 0)
		result = copy_entry(entry, carried);
	close(entry);
	if (result <= 0 && carried->target >= 0)
		close(carried->target);
	return is_nothing(result) ? 0 : result;
}

static void let_go(const struct carried *carried, int count)
{
	for (int i = 0; i < count; i++) {
		close(carried[i].copy);
		close(carried[i].target);
	}
}

// Returns how many there are, or -errno.
static int find_all(int tree, int place, const char *names, size_t length, struct carried *carried)
{
	int count = 0;
	for (size_t at = 0; at < length && count < CARRIED_MAX; at += strlen(names + at) + 1) {
		int result = find(tree, place, names + at, &carried[count]);
		if (result < 0) {
			let_go(carried, count);
			return result;
		}
		count += result;
	}
	return count;
}

// In a namespace that nobody sees: older kernels mount nothing on what is mounted nowhere. Returns a copy of the whole, or -errno.
static int put_together(int tree, const struct carried *carried, int count)
{
	const struct mount_attributes as_they_are = { 0 };
	int error = sys_result(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	if (error == 0)
		error = sys_result(syscall(SYS_move_mount, tree, "", AT_FDCWD, "/", MOVE_FROM_FD));
	for (int i = 0; error == 0 && i < count; i++)
		error = mount_move(carried[i].copy, carried[i].target);
	return error ? error : mount_copy(tree, TREE_RECURSIVE, &as_they_are);
}

static int put_together_apart(int tree, int mntns, const struct carried *carried, int count)
{
	int error = sys_result(unshare(CLONE_NEWNS));
	if (error < 0)
		return error;
	int whole = put_together(tree, carried, count);
	error = sys_result(setns(mntns, CLONE_NEWNS));
	if (error == 0 || whole < 0)
		return whole;
	close(whole);
	return error;
}

int carry_mounts(int *tree, int mntns, int place, const char *names, size_t length)
{
	struct carried carried[CARRIED_MAX];
	int count = find_all(*tree, place, names, length, carried);
	if (count <= 0)
		return count;
	int whole = put_together_apart(*tree, mntns, carried, count);
	let_go(carried, count);
	if (whole < 0)
		return whole;
	close(*tree);
	*tree = whole;
	return 0;
}
