#include "entry.h"

#include <stdio.h>
#include <string.h>

#include "sys.h"

#define DIRECTORY_MODE 0755

int entry_open_below(int directory, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	return sys_result(syscall(SYS_openat2, directory, path, &how, sizeof how));
}

// The path is put together again as it was.
static int make_above(int directory, char *path)
{
	for (char *slash = strchr(path, '/');; slash = strchr(slash + 1, '/')) {
		if (slash != NULL)
			*slash = '\0';
		struct entry entry;
		int error = entry_open(directory, path, 0, &entry);
		if (error == 0) {
			error = sys_result(mkdirat(entry.parent, entry.name, DIRECTORY_MODE));
			close(entry.parent);
		}
		if (slash != NULL)
			*slash = '/';
		if ((error < 0 && error != -EEXIST) || slash == NULL)
			return error == -EEXIST ? 0 : error;
	}
}

int entry_open(int directory, const char *path, int makes, struct entry *entry)
{
	if (strlen(path) >= sizeof entry->path)
		return -ENAMETOOLONG;
	strcpy(entry->path, path);
	char *slash = strrchr(entry->path, '/');
	char *above = slash ? entry->path : NULL;
	entry->name = slash ? slash + 1 : entry->path;
	if (slash != NULL)
		*slash = '\0';
	entry->parent = entry_open_below(directory, above ? above : ".", O_PATH | O_DIRECTORY);
	if (entry->parent == -ENOENT && makes && above != NULL) {
		int error = make_above(directory, above);
		entry->parent = error ? error : entry_open_below(directory, above, O_PATH | O_DIRECTORY);
	}
	return entry->parent < 0 ? entry->parent : 0;
}

int entry_look(const struct entry *entry, struct stat *status)
{
	return sys_result(fstatat(entry->parent, entry->name, status, AT_SYMLINK_NOFOLLOW));
}

int entry_own(int place, uint32_t mode, uint32_t uid, uint32_t gid)
{
	char way[32];
	struct stat has;
	snprintf(way, sizeof way, "/proc/self/fd/%d", place); // leads to that inode, whatever has its name by now
	int error = sys_result(fstat(place, &has));
	if (error == 0 && (has.st_uid != uid || has.st_gid != gid))
		error = sys_result(fchownat(place, "", uid, gid, AT_EMPTY_PATH));
	if (error == 0 && ((has.st_mode ^ mode) & 07777))
		error = sys_result(chmod(way, mode & 07777));
	return error;
}

int entry_remove(const struct entry *entry, uint32_t mode)
{
	return sys_result(unlinkat(entry->parent, entry->name, S_ISDIR(mode) ? AT_REMOVEDIR : 0));
}
