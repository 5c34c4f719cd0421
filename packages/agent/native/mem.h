#ifndef UA_MEM_H
#define UA_MEM_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *at, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);
size_t strlen(const char *text);

static inline int same_text(const char *left, const char *right)
{
	size_t length = strlen(left);
	return length == strlen(right) && memcmp(left, right, length) == 0;
}

#endif
