#include "run.h"

#include <errno.h>

#include "mem.h"
#include "say.h"
#include "sys.h"

#define PATH_SIZE 4096

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
	char path[PATH_SIZE];
	size_t name = strlen(arguments[0]);
	if (length + name + 2 > sizeof path)
		return -ENAMETOOLONG;
	memcpy(path, directory, length);
	if (length > 0)
		path[length++] = '/';
	memcpy(path + length, arguments[0], name + 1);
	return SYS(execve, path, arguments, environment);
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

int run_program(char **arguments, char **environment)
{
	long error = has_slash(arguments[0]) ? SYS(execve, arguments[0], arguments, environment) :
					       search(arguments, environment);
	if (arguments[0][0] == '\0')
		error = -ENOENT;
	say_failure("cannot run ", arguments[0], error, NULL);
	return error == -ENOENT || error == -ENOTDIR ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}
