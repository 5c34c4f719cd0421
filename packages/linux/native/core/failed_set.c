#include "failed_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int grow(struct failed_set *set, size_t needed)
{
	size_t size = needed * 2;
	uint8_t *bits = realloc(set->bits, size);
	if (bits == NULL)
		return -ENOMEM;
	memset(bits + set->size, 0, size - set->size);
	set->bits = bits;
	set->size = size;
	return 0;
}

int failed_set_has(const struct failed_set *set, int fd)
{
	size_t byte = (size_t)fd / 8;
	return fd >= 0 && byte < set->size && (set->bits[byte] >> (fd % 8) & 1);
}

int failed_set_add(struct failed_set *set, int fd)
{
	if (fd < 0)
		return 0; // nothing can be sent to it anyway
	size_t byte = (size_t)fd / 8;
	int error = byte < set->size ? 0 : grow(set, byte + 1);
	if (error == 0)
		set->bits[byte] |= (uint8_t)(1 << fd % 8);
	return error;
}

void failed_set_free(struct failed_set *set)
{
	free(set->bits);
	*set = (struct failed_set){ 0 };
}
