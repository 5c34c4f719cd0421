#ifndef UB_FAILED_SET_H
#define UB_FAILED_SET_H

#include <stddef.h>
#include <stdint.h>

/** Descriptors that failed in this flush: one bit each, so that a thousand full listeners cost no search. */
struct failed_set {
	uint8_t *bits;
	size_t size;
};

int failed_set_has(const struct failed_set *set, int fd);

/** Returns 0 or -ENOMEM. */
int failed_set_add(struct failed_set *set, int fd);
void failed_set_free(struct failed_set *set);

#endif
