// inject_one PID HEADER KEY=VALUE…: enters the network namespace of a process, says one event there, and ends.
#include <stdlib.h>
#include <string.h>

#include "injector.h"
#include "netns.h"

#define PAYLOAD_MAX 2048 // bytes

int main(int argc, char **argv)
{
	static struct injector injector;
	char payload[PAYLOAD_MAX];
	uint32_t length = 0;
	for (int i = 2; i < argc; i++) {
		size_t part = strlen(argv[i]) + 1;
		if (length + part > sizeof payload)
			return 2;
		memcpy(payload + length, argv[i], part);
		length += (uint32_t)part;
	}
	netns_enter(argc > 1 ? atoi(argv[1]) : 0);
	injector_open(&injector);
	injector_put(&injector, 0, payload, length);
	injector_send(&injector, 1);
}
