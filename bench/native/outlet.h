#ifndef BENCH_OUTLET_H
#define BENCH_OUTLET_H

#include <stdint.h>

#define QUEUE_LIMIT 4096 // datagrams, as the relay's own

struct waiting {
	uint8_t *bytes;
	uint32_t length;
};

/** One listener: its socket, its own count, and what it has not taken yet. */
struct outlet {
	int fd;
	uint64_t number;
	uint32_t first;
	uint32_t count;
	struct waiting queue[QUEUE_LIMIT];
};

/** Connects to a listener's socket, in memory of its own. Ends the program if nobody is there. */
struct outlet *outlet_open(const char *path);

/** Sends `bytes[0 .. number_start]` and its own next number, or lets it wait; there is room for the number behind it. */
void outlet_tell(struct outlet *outlet, uint8_t *bytes, uint32_t number_start);

/** Sends what waits, as much as the listener takes. */
void outlet_flush(struct outlet *outlet);

#endif
