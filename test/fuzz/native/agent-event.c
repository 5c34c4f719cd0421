// What the agent makes of a datagram: an event, the environment of a program, and lines on stderr.
#include "fake/calls.h"
#include "fake/input.h"

#include "agent/native/uevent.c"
#include "agent/native/environment.c"
#include "agent/native/say.c"

static const char OTHER[] = "move@/devices/a/b\0ACTION=move\0DEVPATH=/devices/a/b\0SUBSYSTEM=block\0"
			    "DEVPATH_OLD=/devices/a/c\0SEQNUM=7"; // the last NUL is the literal's own

/** C0, DEL, and C1 as UTF-8 has it, would steer a terminal. */
static long answered(long number, long fd, long bytes, long length, long unused)
{
	const unsigned char *line = (const unsigned char *)bytes;
	(void)unused;
	HOLDS(number == SYS_write && fd == STDERR && length > 0 && line[length - 1] == '\n');
	for (long i = 0; i < length - 1; i++)
		HOLDS(line[i] >= ' ' && line[i] != 0x7f && !(line[i] == 0xc2 && line[i + 1] >= 0x80 && line[i + 1] < 0xa0));
	return length;
}

static void check_environment(const struct uevent *event)
{
	struct environment environment;
	environment_make(&environment, event);
	for (char **variable = environment.variables; *variable != NULL; variable++) {
		HOLDS(strncmp(*variable, "LD_", 3) != 0 && strncmp(*variable, "SEQNUM=", 7) != 0);
		HOLDS(strchr(*variable, '=') != NULL);
		for (char **other = environment.variables; other < variable; other++)
			HOLDS(strncmp(*variable, *other, (size_t)(strchr(*variable, '=') - *variable) + 1) != 0);
	}
}

static void check_path(const char *path)
{
	HOLDS(path[0] == '/' && strstr(path, "//") == NULL && strstr(path, "/../") == NULL && strstr(path, "/./") == NULL);
}

static void use(const struct uevent *event)
{
	struct uevent other;
	HOLDS(uevent_read(&other, OTHER, sizeof OTHER) == NULL);
	HOLDS(event->length <= DATAGRAM_MAX);
	check_path(event->devpath);
	HOLDS(strchr(event->subsystem, '/') == NULL);
	check_environment(event);
	HOLDS(uevent_related(event, &other) == uevent_related(&other, event) && uevent_related(event, event));
	for (const char *pair = NULL; (pair = uevent_next(event, pair)) != NULL;)
		HOLDS(pair > event->bytes && pair < event->bytes + event->length);
	SAY(event->action, "@", event->devpath, ": ", event->subsystem);
	say_failure("", event->devpath, -(long)event->length, event->action);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct uevent event;
	const char *wrong = uevent_read(&event, (const char *)bytes, length);
	if (wrong == NULL)
		use(&event);
	else
		SAY("an event is left out: ", wrong);
	return 0;
}
