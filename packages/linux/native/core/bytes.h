#ifndef UB_BYTES_H
#define UB_BYTES_H

#include <stddef.h>
#include <stdint.h>

/** Bytes that grow. */
struct bytes {
	uint8_t *data;
	size_t length;
	size_t capacity;
};

/** Makes room for `more` bytes behind the end: 0 or -ENOMEM. */
int bytes_reserve(struct bytes *bytes, size_t more);
int bytes_append(struct bytes *bytes, const void *data, size_t length);
void bytes_free(struct bytes *bytes);

#endif
