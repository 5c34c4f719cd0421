#include "uevent.h"

#include <string.h>

#define STARTS_WITH(at, end, text) ((end) - (at) >= (long)sizeof(text) - 1 && memcmp(at, text, sizeof(text) - 1) == 0)

static struct part part_between(const uint8_t *start, const uint8_t *end)
{
	return (struct part){ start, (uint32_t)(end - start) };
}

// The kernel writes ACTION, DEVPATH and SUBSYSTEM first, the first two as in the header.
static const uint8_t *usual_place(const struct uevent *event, const uint8_t *pairs)
{
	return pairs + sizeof "ACTION=" + event->action.length + sizeof "DEVPATH=" + event->devpath.length;
}

static int find_subsystem(struct uevent *event, const uint8_t *pairs, const uint8_t *end)
{
	const uint8_t *at = usual_place(event, pairs);
	if (!(end - at > 0 && STARTS_WITH(at, end, "SUBSYSTEM="))) {
		at = memmem(pairs - 1, (size_t)(end - pairs + 1), "\0SUBSYSTEM=", sizeof "\0SUBSYSTEM=" - 1);
		if (at++ == NULL)
			return 0;
	}
	at += sizeof "SUBSYSTEM=" - 1;
	event->subsystem = part_between(at, memchr(at, '\0', (size_t)(end - at)));
	return 1;
}

int uevent_parse(const uint8_t *bytes, uint32_t length, struct uevent *event)
{
	const uint8_t *end = bytes + length;
	if (length == 0 || end[-1] != '\0')
		return 0;
	const uint8_t *nul = memchr(bytes, '\0', length);
	const uint8_t *at = memchr(bytes, '@', (size_t)(nul - bytes));
	if (at == NULL || at == bytes || at[1] != '/')
		return 0;
	event->action = part_between(bytes, at);
	event->devpath = part_between(at + 1, nul);
	return STARTS_WITH(nul + 1, end, "ACTION=") && find_subsystem(event, nul + 1, end);
}

uint32_t uevent_number_start(const uint8_t *bytes, uint32_t length)
{
	uint32_t at = length - 1;
	while (at > 0 && bytes[at - 1] >= '0' && bytes[at - 1] <= '9')
		at--;
	uint32_t key = sizeof "\0SEQNUM=" - 1;
	return at > key && at < length - 1 && memcmp(bytes + at - key, "\0SEQNUM=", key) == 0 ? at : 0;
}
