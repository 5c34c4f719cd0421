#ifndef BENCH_UEVENT_H
#define BENCH_UEVENT_H

#include <stdint.h>

struct part {
	const uint8_t *start;
	uint32_t length;
};

/** What routing needs of a datagram; nothing is copied. */
struct uevent {
	struct part action;
	struct part devpath;
	struct part subsystem;
};

/** False if it is no datagram in the kernel's form. */
int uevent_parse(const uint8_t *bytes, uint32_t length, struct uevent *event);

/** Offset behind `SEQNUM=` where that is the last pair, as the kernel writes it; else 0. */
uint32_t uevent_number_start(const uint8_t *bytes, uint32_t length);

#endif
