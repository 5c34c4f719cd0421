// What the agent's C says of datagrams: reads each from stdin with its length (u32) before it, and answers with that of the answer and the
// answer: nothing for what is no event, else the environment that a helper gets, each variable with a NUL behind it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/native/uevent.c"
#include "agent/native/environment.c"

static void answer(const char *bytes, uint32_t length)
{
	static char text[65536];
	struct uevent event;
	struct environment environment;
	uint32_t size = 0;
	if (uevent_read(&event, bytes, length) == NULL) {
		environment_make(&environment, &event);
		for (char **variable = environment.variables; *variable != NULL; variable++) {
			size_t more = strlen(*variable) + 1;
			memcpy(text + size, *variable, more);
			size += (uint32_t)more;
		}
	}
	fwrite(&size, sizeof size, 1, stdout);
	fwrite(text, 1, size, stdout);
}

int main(void)
{
	uint32_t length;
	while (fread(&length, sizeof length, 1, stdin) == 1) {
		char *bytes = malloc(length); // of just its size, so that the sanitizers see what is read beside it
		if (fread(bytes, 1, length, stdin) != length)
			return 1;
		answer(bytes, length);
		free(bytes);
	}
	return 0;
}
