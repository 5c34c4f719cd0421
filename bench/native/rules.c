#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker.h"

#define SLOTS (1u << 17) // for some 10 000 paths

static uint64_t hash_of(const char *path)
{
	uint64_t hash = HASH_START;
	for (; *path != '\0'; path++)
		hash = hash_add(hash, (uint8_t)*path);
	return hash;
}

static int is_path(const struct rule *rule, uint64_t hash, const uint8_t *path, uint32_t length)
{
	return rule->hash == hash && rule->length == length && memcmp(rule->path, path, length) == 0;
}

static struct rule **slot_of(const struct rules *rules, uint64_t hash, const uint8_t *path, uint32_t length)
{
	uint64_t at = hash & rules->mask;
	while (rules->slots[at] != NULL && !is_path(rules->slots[at], hash, path, length))
		at = (at + 1) & rules->mask;
	return &rules->slots[at];
}

const struct rule *rules_find(const struct rules *rules, uint64_t hash, const uint8_t *path, uint32_t length)
{
	return *slot_of(rules, hash, path, length);
}

static void add(struct rules *rules, uint32_t container, const char *path)
{
	struct rule *rule = malloc(sizeof *rule);
	uint32_t length = (uint32_t)strlen(path);
	struct rule **slot = slot_of(rules, hash_of(path), (const uint8_t *)path, length);
	*rule = (struct rule){ hash_of(path), strdup(path), length, container, *slot };
	*slot = rule;
	if (container >= rules->containers)
		rules->containers = container + 1;
}

struct rules rules_load(const char *name)
{
	struct rules rules = { .slots = calloc(SLOTS, sizeof *rules.slots), .mask = SLOTS - 1 };
	uint32_t container;
	char path[4096];
	FILE *file = fopen(name, "re");
	if (file == NULL)
		fail(name);
	while (fscanf(file, "%u %4095s", &container, path) == 2)
		add(&rules, container, path);
	fclose(file);
	return rules;
}
