#include "nodes.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "mount_calls.h"
#include "sys.h"

// <linux/mount.h>, which clashes with older C libraries
#define FS_CLOEXEC 1
#define MOUNT_CLOEXEC 1
#define SET_STRING 1
#define CREATE 6
#define ALWAYS (ATTRIBUTE_NOSUID | ATTRIBUTE_NOEXEC)

#define ENTRIES_MAX 65536
#define MEBIBYTES_MAX 16

#define TEXT(number) TEXT_OF(number) // of what the name stands for
#define TEXT_OF(number) #number

static int configure(int fs, const char *key, const char *value)
{
	return sys_result(syscall(SYS_fsconfig, fs, SET_STRING, key, value, 0));
}

// Bounded: a directory for each part of a name, a node or link for each device.
static int create(int fs, unsigned attributes)
{
	int error = configure(fs, "mode", "0755");
	if (error == 0)
		error = configure(fs, "size", TEXT(MEBIBYTES_MAX) "m");
	if (error == 0)
		error = configure(fs, "nr_inodes", TEXT(ENTRIES_MAX));
	if (error == 0)
		error = configure(fs, "source", "uevent-bridge");
	if (error == 0)
		error = sys_result(syscall(SYS_fsconfig, fs, CREATE, NULL, NULL, 0));
	return error ? error : sys_result(syscall(SYS_fsmount, fs, MOUNT_CLOEXEC, ALWAYS | attributes));
}

int nodes_mount(int directory, const char *name, int read_only)
{
	int fs = sys_result(syscall(SYS_fsopen, "tmpfs", FS_CLOEXEC));
	if (fs < 0)
		return fs;
	int mount = create(fs, read_only ? ATTRIBUTE_RDONLY : 0);
	close(fs);
	if (mount < 0)
		return mount;
	int error = sys_result(syscall(SYS_move_mount, mount, "", directory, name, MOVE_FROM_FD));
	close(mount);
	return error;
}

int nodes_open(int directory, const char *name)
{
	struct mount_attributes attributes = { .clear = ATTRIBUTE_RDONLY, .propagation = MS_PRIVATE };
	int place = sys_open_beneath(directory, name, O_PATH);
	if (place < 0)
		return place;
	int mount = mount_copy(place, 0, &attributes);
	close(place);
	return mount;
}

int nodes_unmount(int directory, const char *name)
{
	char path[NAME_MAX + 32];
	snprintf(path, sizeof path, "/proc/self/fd/%d/%s", directory, name);
	return sys_result(umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW));
}

int nodes_make(int directory, const char *name, uint32_t mode, uint32_t major, uint32_t minor)
{
	return sys_result(mknodat(directory, name, mode, makedev(major, minor)));
}
