// What the compiler calls by itself, and the few functions of <string.h> that are used here.
#include <stddef.h>

#include "mem.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	unsigned char *target = to;
	const unsigned char *source = from;
	while (size-- > 0)
		*target++ = *source++;
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	unsigned char *target = to;
	const unsigned char *source = from;
	if (target <= source)
		return memcpy(to, from, size);
	while (size-- > 0)
		target[size] = source[size];
	return to;
}

void *memset(void *at, int byte, size_t size)
{
	unsigned char *target = at;
	while (size-- > 0)
		*target++ = (unsigned char)byte;
	return at;
}

int memcmp(const void *left, const void *right, size_t size)
{
	const unsigned char *a = left, *b = right;
	for (; size > 0; size--, a++, b++)
		if (*a != *b)
			return *a - *b;
	return 0;
}

size_t strlen(const char *text)
{
	size_t length = 0;
	while (text[length] != '\0')
		length++;
	return length;
}
