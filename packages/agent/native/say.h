#ifndef UA_SAY_H
#define UA_SAY_H

#include <stddef.h>

#define STATUS_WORLD 1 // the world is wrong: a path, a privilege
#define STATUS_WORDS 2 // the words are wrong: an option

/** Text that is put together in memory of its own; what is beyond its end is left out. */
struct text {
	char bytes[1024];
	size_t length;
};

/** Adds texts up to a NULL. Bytes that would steer a terminal become `?`. */
void text_add(struct text *text, const char *const parts[]);
void text_number(struct text *text, long number);
void text_error(struct text *text, long error);

#define TEXT(text, ...) text_add(text, (const char *const[]){ __VA_ARGS__, NULL })

/** Writes `uevent-agent: `, the text and a newline to stderr. */
void say_text(struct text *text);

/** A sentence in parts. */
#define SAY(...)                                \
	do {                                    \
		struct text said = { .length = 0 }; \
		TEXT(&said, __VA_ARGS__);       \
		say_text(&said);                \
	} while (0)

/** Says what failed, why, and what can be done: `WHAT: CAUSE. REMEDY`. `remedy` may be NULL. Returns STATUS_WORLD. */
int say_failure(const char *what, const char *name, long error, const char *remedy);

/** Says what is wrong with the words. Returns STATUS_WORDS. */
int say_usage(const char *wrong, const char *word);

#endif
