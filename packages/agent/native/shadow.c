#include "shadow.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

#include "files.h"
#include "mem.h"
#include "say.h"
#include "sys.h"

#define NEW_NAMESPACES (CLONE_NEWUSER | CLONE_NEWNET)
#define MAP_FILE_MAX 4096 // bytes; the kernel takes no more in one write

static const char *skip_spaces(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

static const char *skip_word(const char *at)
{
	while (*at != '\0' && *at != ' ' && *at != '\n')
		at++;
	return at;
}

static size_t append(char *to, size_t length, const char *from, const char *end)
{
	size_t size = (size_t)(end - from);
	memcpy(to + length, from, size);
	return length + size;
}

/** Each id that there is here shall be itself: `INSIDE OUTSIDE COUNT` becomes `INSIDE INSIDE COUNT`. */
static size_t make_identity(const char *own, char *map)
{
	size_t length = 0;
	for (const char *at = skip_spaces(own); *at != '\0' && length < MAP_FILE_MAX / 2; at = skip_spaces(at)) {
		const char *inside = at, *inside_end = skip_word(at);
		const char *count = skip_spaces(skip_word(skip_spaces(inside_end)));
		at = skip_word(count);
		length = append(map, length, inside, inside_end);
		map[length++] = ' ';
		length = append(map, length, inside, inside_end);
		map[length++] = ' ';
		length = append(map, length, count, at);
		map[length++] = '\n';
		if (*at == '\n')
			at++;
	}
	return length;
}

static long map_identically(const char *name, long pid)
{
	char own[MAP_FILE_MAX + 1], map[MAP_FILE_MAX + 128];
	struct text path = { .length = 0 };
	TEXT(&path, "/proc/self/", name);
	path.bytes[path.length] = '\0';
	long length = files_read_all(path.bytes, own, sizeof own - 1);
	if (length < 0)
		return length;
	own[length] = '\0';
	path.length = 0;
	TEXT(&path, "/proc/");
	text_number(&path, pid);
	TEXT(&path, "/", name);
	path.bytes[path.length] = '\0';
	return files_write(path.bytes, map, make_identity(own, map));
}

/** The work of a child, which is where the ids are still those of outside: it waits until there is something to map. */
_Noreturn static void run_mapper(int go, long pid)
{
	char byte;
	if (SYS(read, go, &byte, 1) != 1)
		sys_exit(1);
	long error = map_identically("uid_map", pid);
	if (error == 0)
		error = map_identically("gid_map", pid);
	sys_exit(error == 0 ? 0 : 1);
}

static long wait_for(long pid)
{
	int status = 0;
	long error;
	do
		error = SYS(wait4, pid, &status, 0, NULL);
	while (error == -EINTR);
	return error < 0 || status != 0 ? -EPERM : 0;
}

static long map_one(const char *path, long id)
{
	struct text map = { .length = 0 };
	TEXT(&map, "0 ");
	text_number(&map, id);
	TEXT(&map, " 1");
	return files_write(path, map.bytes, map.length);
}

/** What every user may do. */
static long map_only_this(long uid, long gid)
{
	long error = files_write("/proc/self/setgroups", "deny", 4);
	if (error == 0)
		error = map_one("/proc/self/uid_map", uid);
	if (error == 0)
		error = map_one("/proc/self/gid_map", gid);
	return error;
}

static long start_mapper(int go[2])
{
	long pid = SYS(getpid);
	long error = SYS(pipe2, go, O_CLOEXEC);
	if (error < 0)
		return error;
	long child = SYS(clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		SYS(close, go[1]);
		run_mapper(go[0], pid);
	}
	SYS(close, go[0]);
	return child;
}

static long enter_as_root(void)
{
	int go[2];
	long child = start_mapper(go);
	if (child < 0)
		return child;
	long error = SYS(unshare, NEW_NAMESPACES);
	if (error == 0)
		SYS(write, go[1], "", 1);
	SYS(close, go[1]);
	int mapped = wait_for(child) == 0;
	if (error < 0 || mapped)
		return error;
	return map_only_this(0, 0); // root without CAP_SETUID is a user like others
}

static long enter_as_user(long uid, long gid)
{
	long error = SYS(unshare, NEW_NAMESPACES);
	return error < 0 ? error : map_only_this(uid, gid);
}

long shadow_enter(void)
{
	long uid = SYS(geteuid), gid = SYS(getegid);
	return uid == 0 ? enter_as_root() : enter_as_user(uid, gid);
}

void shadow_drop_privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 }, { 0 } };
	SYS(capset, &header, none);
	SYS(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
