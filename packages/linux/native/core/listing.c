#include "listing.h"

#include <dirent.h>
#include <stdint.h>
#include <string.h>

#include "sys.h"

/** As `getdents64` writes it. */
struct record {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

void listing_begin(struct listing *listing, int directory)
{
	listing->directory = directory;
	listing->at = listing->length = 0;
}

static bool fill(struct listing *listing)
{
	int length = sys_result(syscall(SYS_getdents64, listing->directory, listing->bytes, sizeof listing->bytes));
	listing->at = 0;
	listing->length = length > 0 ? (size_t)length : 0;
	return length > 0;
}

const char *listing_next(struct listing *listing)
{
	while (listing->at < listing->length || fill(listing)) {
		const struct record *record = (const struct record *)(listing->bytes + listing->at);
		listing->at += record->length;
		listing->is_directory = record->type == DT_DIR;
		if (strcmp(record->name, ".") != 0 && strcmp(record->name, "..") != 0)
			return record->name;
	}
	return NULL;
}
