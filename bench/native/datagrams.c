#include "datagrams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker.h"

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rbe");
	if (file == NULL || fseek(file, 0, SEEK_END) < 0)
		fail(path);
	*size = (size_t)ftell(file);
	uint8_t *bytes = malloc(*size);
	rewind(file);
	if (bytes == NULL || fread(bytes, 1, *size, file) != *size)
		fail(path);
	fclose(file);
	return bytes;
}

struct datagrams datagrams_load(const char *path)
{
	size_t size;
	struct datagrams all = { .file = read_file(path, &size) };
	size_t most = size / sizeof(uint32_t);
	all.starts = calloc(most, sizeof *all.starts);
	all.lengths = calloc(most, sizeof *all.lengths);
	for (uint32_t at = 0; at < size; at += all.lengths[all.count++]) {
		memcpy(&all.lengths[all.count], all.file + at, sizeof(uint32_t));
		all.starts[all.count] = at += sizeof(uint32_t);
	}
	return all;
}
