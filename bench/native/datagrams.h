#ifndef BENCH_DATAGRAMS_H
#define BENCH_DATAGRAMS_H

#include <stddef.h>
#include <stdint.h>

/** Recorded datagrams, one after another as u32 length and bytes: harness/datagrams.ts writes such files. */
struct datagrams {
	uint8_t *file;
	uint32_t count;
	uint32_t *starts;
	uint32_t *lengths;
};

/** Ends the program if the file cannot be read. */
struct datagrams datagrams_load(const char *path);

#endif
