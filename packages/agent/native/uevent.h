#ifndef UA_UEVENT_H
#define UA_UEVENT_H

#include <stddef.h>

#define DATAGRAM_MAX 4081 // bytes of the longest that the kernel makes: header and pairs

/** An event in the kernel's form: `ACTION@DEVPATH`, then `KEY=VALUE` pairs, each with a NUL behind it. Texts lie in `bytes`. */
struct uevent {
	const char *bytes;
	size_t length;
	size_t pairs; // where they begin
	const char *action;
	const char *devpath;
	const char *devpath_old; // NULL unless it has moved
	const char *subsystem;
};

/** Reads an event; `event` has no other memory than `bytes`. Returns NULL, or what is wrong with it. */
const char *uevent_read(struct uevent *event, const char *bytes, size_t length);

/** The value of `pair` if its name is this one, else NULL. */
const char *uevent_value(const char *pair, const char *name);

/** The next pair behind `pair`, or the first for NULL. NULL at the end. */
const char *uevent_next(const struct uevent *event, const char *pair);

/** Whether one of the devices is the other, or above it: their events keep their order. */
int uevent_related(const struct uevent *left, const struct uevent *right);

#endif
