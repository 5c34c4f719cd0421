// Reads a directory without memory of its own: a child that was forked from a process with threads has none that is sure.
#ifndef UB_LISTING_H
#define UB_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#define LISTING_SIZE 4096 // bytes

struct listing {
	int directory;
	size_t at;
	size_t length;
	bool is_directory; // what was named last
	_Alignas(8) char bytes[LISTING_SIZE];
};

/** `directory` was opened for reading, and stays the caller's. */
void listing_begin(struct listing *listing, int directory);

/** A name but for `.` and `..`, valid until the next call; NULL at the end, or if no more can be read. */
const char *listing_next(struct listing *listing);

#endif
