#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"
#include "say.h"
#include "signals.h"
#include "sys.h"

#define PAUSE_MS 100 // where it cannot be waited, until the next try
#define KILLED 128 // and the signal's number

static const char *find_path(char **environment)
{
	for (; *environment != NULL; environment++)
		if (memcmp(*environment, "PATH=", 5) == 0)
			return *environment + 5;
	return "/bin:/usr/bin";
}

static int has_slash(const char *name)
{
	while (*name != '\0' && *name != '/')
		name++;
	return *name == '/';
}

/** Tries a program in one directory of PATH; an empty one is the working directory. */
static long try_in(const char *directory, size_t length, char **arguments, char **environment)
{
	char path[PATH_MAX];
	size_t name = strlen(arguments[0]);
	if (length + name + 2 > sizeof path)
		return -ENAMETOOLONG;
	memcpy(path, directory, length);
	if (length > 0)
		path[length++] = '/';
	memcpy(path + length, arguments[0], name + 1);
	long error = SYS(execve, path, arguments, environment);
	int is_there = SYS(faccessat, AT_FDCWD, path, F_OK) == 0;
	return error == -EACCES && !is_there ? -ENOENT : error; // in a directory that may not be searched nothing is found
}

static long search(char **arguments, char **environment)
{
	long worst = -ENOENT;
	for (const char *at = find_path(environment);; at++) {
		const char *start = at;
		while (*at != '\0' && *at != ':')
			at++;
		long error = try_in(start, (size_t)(at - start), arguments, environment);
		if (error == -EACCES)
			worst = error; // another directory may have one that may be executed
		else if (error != -ENOENT && error != -ENOTDIR)
			return error;
		if (*at == '\0')
			return worst;
	}
}

int program_run(char **arguments, char **environment)
{
	long error = has_slash(arguments[0]) ? SYS(execve, arguments[0], arguments, environment) :
					       search(arguments, environment);
	if (arguments[0][0] == '\0')
		error = -ENOENT;
	say_failure("cannot run ", arguments[0], error, NULL);
	return error == -ENOENT || error == -ENOTDIR ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

static int is_runnable(const char *path)
{
	struct statx found;
	return SYS(faccessat, AT_FDCWD, path, X_OK) == 0 && SYS(statx, AT_FDCWD, path, 0, STATX_TYPE, &found) == 0 &&
	       (found.stx_mode & S_IFMT) == S_IFREG;
}

static long join(char *path, const char *directory, const char *name)
{
	size_t length = strlen(directory), rest = strlen(name);
	if (length + rest + 2 > PATH_MAX)
		return -ENAMETOOLONG;
	if (path != directory)
		memcpy(path, directory, length);
	path[length] = '/';
	memcpy(path + length + 1, name, rest + 1);
	return is_runnable(path) ? 0 : -ENOENT;
}

static long find_here(char *path, const char *name)
{
	if (name[0] == '/')
		return join(path, "", name + 1);
	long length = SYS(getcwd, path, PATH_MAX);
	return length < 0 ? length : join(path, path, name);
}

long program_find(char *path, const char *name)
{
	static const char DIRECTORIES[][10] = { "/sbin", "/bin", "/usr/sbin", "/usr/bin" };
	long error = -ENOENT;
	if (name[0] == '\0')
		return error;
	if (has_slash(name))
		return find_here(path, name);
	for (size_t i = 0; i < sizeof DIRECTORIES / sizeof *DIRECTORIES && error < 0; i++)
		error = join(path, DIRECTORIES[i], name);
	return error;
}

int program_status(int status)
{
	return WIFSIGNALED(status) ? KILLED + WTERMSIG(status) : WEXITSTATUS(status);
}

long process_fork(void)
{
	return SYS(clone, SIGCHLD, 0, 0, 0, 0);
}

void poll_until(struct pollfd *polled, int count, long time)
{
	long ms = time - clock_ms();
	if (ms < 0)
		ms = 0;
	struct timespec patience = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	if (SYS(ppoll, polled, count, time == LONG_MAX ? NULL : &patience, NULL, 0) >= 0)
		return;
	for (int i = 0; i < count; i++)
		polled[i].revents = 0;
	SYS(clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, NULL); // no memory for it now: else who calls would be busy
}
