#include "nodes.h"

#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "sys.h"

// <linux/mount.h>, which clashes with older C libraries
#define FS_CLOEXEC 1
#define MOUNT_CLOEXEC 1
#define SET_STRING 1
#define CREATE 6
#define ATTRIBUTES (2 | 8) // MOUNT_ATTR_NOSUID, NOEXEC
#define MOVE_FROM_FD 0x04

#define ENTRIES_MAX 65536
#define MEBIBYTES_MAX 16

#define TEXT(number) TEXT_OF(number) // of what the name stands for
#define TEXT_OF(number) #number

static int configure(int fs, const char *key, const char *value)
{
	return sys_result(syscall(SYS_fsconfig, fs, SET_STRING, key, value, 0));
}

// Bounded: a directory for each part of a name, a node or link for each device.
static int create(int fs)
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
	return error ? error : sys_result(syscall(SYS_fsmount, fs, MOUNT_CLOEXEC, ATTRIBUTES));
}

int nodes_mount(int directory, const char *name)
{
	int fs = sys_result(syscall(SYS_fsopen, "tmpfs", FS_CLOEXEC));
	if (fs < 0)
		return fs;
	int mount = create(fs);
	close(fs);
	if (mount < 0)
		return mount;
	int error = sys_result(syscall(SYS_move_mount, mount, "", directory, name, MOVE_FROM_FD));
	close(mount);
	return error;
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
