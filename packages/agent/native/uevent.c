#include "uevent.h"

#include "mem.h"

#define ENV_MAX 2048 // bytes of all pairs together, in the kernel

const char *uevent_value(const char *pair, const char *name)
{
	size_t length = strlen(name);
	if (strlen(pair) <= length || memcmp(pair, name, length) != 0 || pair[length] != '=')
		return NULL;
	return pair + length + 1;
}

const char *uevent_next(const struct uevent *event, const char *pair)
{
	const char *next = pair == NULL ? event->bytes + event->pairs : pair + strlen(pair) + 1;
	return next < event->bytes + event->length ? next : NULL;
}

static const char *find(const struct uevent *event, const char *name)
{
	for (const char *pair = NULL; (pair = uevent_next(event, pair)) != NULL;) {
		const char *value = uevent_value(pair, name);
		if (value != NULL)
			return value;
	}
	return NULL;
}

static size_t name_length(const char *pair)
{
	size_t length = 0;
	while (pair[length] != '\0' && pair[length] != '=')
		length++;
	return length;
}

static const char *check_pairs(const struct uevent *event)
{
	for (const char *pair = NULL; (pair = uevent_next(event, pair)) != NULL;) {
		size_t length = name_length(pair);
		if (length == 0 || pair[length] != '=')
			return "a pair is none";
		for (const char *before = NULL; (before = uevent_next(event, before)) != pair;)
			if (name_length(before) == length && memcmp(before, pair, length) == 0)
				return "a variable comes twice";
	}
	return NULL;
}

static int is_word_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       byte == '_' || byte == '-';
}

static int is_action(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!is_word_byte(text[i]))
			return 0;
	return length > 0;
}

/** Absolute, and no segment of it is empty, "." or "..": nothing that is made of it leads elsewhere. */
static int is_devpath(const char *path)
{
	if (*path != '/')
		return 0;
	while (*path == '/') {
		const char *segment = ++path;
		while (*path != '\0' && *path != '/')
			path++;
		size_t length = (size_t)(path - segment);
		if (length == 0 || (segment[0] == '.' && (length == 1 || (length == 2 && segment[1] == '.'))))
			return 0;
	}
	return 1;
}

static int is_subsystem(const char *name)
{
	for (const char *byte = name; *byte != '\0'; byte++)
		if (*byte == '/')
			return 0;
	return *name != '\0' && !same_text(name, ".") && !same_text(name, "..");
}

static size_t find_at(const char *header)
{
	size_t length = 0;
	while (header[length] != '\0' && header[length] != '@')
		length++;
	return length;
}

static const char *check_agreement(struct uevent *event, size_t at)
{
	const char *devpath = find(event, "DEVPATH");
	event->action = find(event, "ACTION");
	event->devpath = event->bytes + at + 1;
	event->devpath_old = find(event, "DEVPATH_OLD");
	event->subsystem = find(event, "SUBSYSTEM");
	if (event->action == NULL || strlen(event->action) != at || memcmp(event->action, event->bytes, at) != 0)
		return "ACTION is not the header's";
	if (devpath == NULL || !same_text(devpath, event->devpath))
		return "DEVPATH is not the header's";
	if (event->subsystem == NULL || !is_subsystem(event->subsystem))
		return "SUBSYSTEM is none";
	return NULL;
}

const char *uevent_read(struct uevent *event, const char *bytes, size_t length)
{
	*event = (struct uevent){ .bytes = bytes, .length = length };
	if (length == 0 || bytes[length - 1] != '\0')
		return "it does not end with NUL";
	size_t at = find_at(bytes);
	event->pairs = strlen(bytes) + 1;
	if (bytes[at] != '@' || !is_action(bytes, at) || !is_devpath(bytes + at + 1))
		return "the header is none";
	if (length - event->pairs > ENV_MAX)
		return "its variables are too long";
	const char *wrong = check_pairs(event);
	return wrong != NULL ? wrong : check_agreement(event, at);
}

static int is_or_is_above(const char *above, const char *path)
{
	size_t length = strlen(above);
	return strlen(path) >= length && memcmp(above, path, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static int overlap(const char *left, const char *right)
{
	return left != NULL && right != NULL && (is_or_is_above(left, right) || is_or_is_above(right, left));
}

int uevent_related(const struct uevent *left, const struct uevent *right)
{
	return overlap(left->devpath, right->devpath) || overlap(left->devpath_old, right->devpath) ||
	       overlap(left->devpath, right->devpath_old) || overlap(left->devpath_old, right->devpath_old);
}
