#include "shim.h"

#define STDERR 2

extern char **environ __attribute__((weak));

static int is_privileged(void)
{
	return SYS(getuid) != SYS(geteuid) || SYS(getgid) != SYS(getegid);
}

const char *variable(const char *name)
{
	size_t length = strlen(name);
	if (&environ == NULL || environ == NULL || is_privileged())
		return NULL;
	for (char **each = environ; *each != NULL; each++)
		if (strncmp(*each, name, length) == 0 && (*each)[length] == '=')
			return *each + length + 1;
	return NULL;
}

void debug(const char *what, const char *why)
{
	const char *parts[] = {"uevent-shim: ", what, why, "\n"};
	struct iovec line[sizeof parts / sizeof *parts];
	if (variable("UEVENT_SHIM_DEBUG") == NULL)
		return;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		line[i] = (struct iovec){(void *)parts[i], strlen(parts[i])};
	SYS(writev, STDERR, line, sizeof parts / sizeof *parts);
}
