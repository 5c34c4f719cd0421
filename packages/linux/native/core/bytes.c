#include "bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int bytes_reserve(struct bytes *bytes, size_t more)
{
	size_t needed = bytes->length + more;
	if (needed <= bytes->capacity)
		return 0;
	size_t capacity = needed * 2;
	uint8_t *data = realloc(bytes->data, capacity);
	if (data == NULL)
		return -ENOMEM;
	bytes->data = data;
	bytes->capacity = capacity;
	return 0;
}

int bytes_append(struct bytes *bytes, const void *data, size_t length)
{
	int error = bytes_reserve(bytes, length);
	if (error)
		return error;
	memcpy(bytes->data + bytes->length, data, length);
	bytes->length += length;
	return 0;
}

void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){ 0 };
}
