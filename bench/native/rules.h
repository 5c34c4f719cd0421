#ifndef BENCH_RULES_H
#define BENCH_RULES_H

#include <stdint.h>

/** Who may see what lies at or below a path. */
struct rule {
	uint64_t hash;
	const char *path;
	uint32_t length;
	uint32_t container;
	struct rule *next; // of another container, with the same path
};

/** Path rules of many containers, found by a path in constant time. */
struct rules {
	struct rule **slots;
	uint64_t mask;
	uint32_t containers; // how many there are
};

/** Reads lines of `CONTAINER PATH`. Ends the program if it cannot. */
struct rules rules_load(const char *file);

/** The rules for this very path, or NULL. */
const struct rule *rules_find(const struct rules *rules, uint64_t hash, const uint8_t *path, uint32_t length);

#define HASH_START 0xcbf29ce484222325u

/** FNV-1a, so that the hash of each beginning of a path is had on the way to the next. */
static inline uint64_t hash_add(uint64_t hash, uint8_t byte)
{
	return (hash ^ byte) * 0x100000001b3u;
}

#endif
