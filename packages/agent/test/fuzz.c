// Reads a million datagrams that are nearly events. Each lies alone in memory of just its size, so that the sanitizers see
// every byte that is read beside it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../native/environment.h"

#define ROUNDS 1000000

static const char EVENT[] = "move@/devices/a/b\0ACTION=move\0DEVPATH=/devices/a/b\0SUBSYSTEM=block\0LD_PRELOAD=x\0"
			    "DEVPATH_OLD=/devices/a/c\0EMPTY=\0SHELL_X=() {\0SEQNUM=7"; // the last NUL is the literal's own

static size_t mutate(char *bytes, size_t size)
{
	static const char INTERESTING[] = "\0\0\0=@/.A_-";
	for (int left = rand() % 4; left > 0; left--)
		bytes[(size_t)rand() % size] = rand() % 4 ? INTERESTING[(size_t)rand() % sizeof INTERESTING] : (char)rand();
	return rand() % 4 ? size : (size_t)rand() % (size + 1);
}

static void use(const struct uevent *event, const struct uevent *other)
{
	struct environment environment;
	environment_make(&environment, event);
	for (char **variable = environment.variables; *variable != NULL; variable++)
		if (strncmp(*variable, "LD_", 3) == 0 || strchr(*variable, '=') == NULL)
			abort();
	if (uevent_related(event, other) != uevent_related(other, event) || !uevent_related(event, event))
		abort();
}

int main(void)
{
	struct uevent good, event;
	long events = 0;
	if (uevent_read(&good, EVENT, sizeof EVENT) != NULL)
		abort();
	for (int i = 0; i < ROUNDS; i++) {
		char bytes[sizeof EVENT];
		memcpy(bytes, EVENT, sizeof EVENT);
		size_t length = mutate(bytes, sizeof bytes);
		char *alone = malloc(length);
		if (length > 0)
			memcpy(alone, bytes, length);
		if (uevent_read(&event, alone, length) == NULL) {
			use(&event, &good);
			events++;
		}
		free(alone);
	}
	printf("%ld of %d were events\n", events, ROUNDS);
	return events > ROUNDS / 100 && events < ROUNDS ? 0 : 1;
}
