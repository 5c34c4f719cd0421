#include "name.h"

static const char DIGITS[] = "0123456789abcdef";
#define PID_DIGITS 10

static const char *suffix_of(uint32_t groups)
{
	return groups == 0 ? ".new" : groups == 1 ? ".sock" : groups == 2 ? ".udev.sock" : ".libudev-zero.sock";
}

struct name name_new(void)
{
	unsigned char random[RANDOM_DIGITS / 2];
	struct timespec now;
	struct name name = {.pid = (int)SYS(getpid)};
	if (SYS(getrandom, random, sizeof random, 0) != sizeof random) { // a kernel without it: nobody guesses, they only differ
		SYS(clock_gettime, CLOCK_MONOTONIC, &now);
		memcpy(random, &now.tv_nsec, sizeof now.tv_nsec < sizeof random ? sizeof now.tv_nsec : sizeof random);
	}
	for (size_t i = 0; i < RANDOM_DIGITS; i++)
		name.random[i] = DIGITS[random[i / 2] >> (i % 2 ? 4 : 0) & 15];
	return name;
}

static char *put(char *at, const char *text, size_t length)
{
	memcpy(at, text, length);
	return at + length;
}

void name_text(char text[NAME_SIZE], const struct name *name, uint32_t groups)
{
	char pid[PID_DIGITS], *digit = pid + PID_DIGITS, *at = text;
	unsigned rest = (unsigned)name->pid;
	do
		*--digit = DIGITS[rest % 10];
	while ((rest /= 10) > 0);
	if (groups == 0)
		*at++ = '.';
	at = put(at, digit, (size_t)(pid + PID_DIGITS - digit));
	*at++ = '-';
	at = put(at, name->random, RANDOM_DIGITS);
	put(at, suffix_of(groups), strlen(suffix_of(groups)) + 1);
}

static size_t span(const char *text, const char *allowed, size_t most)
{
	size_t length = 0;
	while (length < most && text[length] != '\0' && strchr(allowed, text[length]) != NULL)
		length++;
	return length;
}

enum name_kind name_kind(const char *text)
{
	static const char *const SUFFIXES[] = {".sock", ".msgpack.sock", ".udev.sock", ".libudev-zero.sock"};
	int is_hidden = *text == '.';
	text += is_hidden;
	size_t digits = span(text, "0123456789", PID_DIGITS);
	if (digits == 0 || text[digits] != '-')
		return NAME_OF_OTHERS;
	text += digits + 1;
	if (span(text, DIGITS, RANDOM_DIGITS) != RANDOM_DIGITS)
		return NAME_OF_OTHERS;
	text += RANDOM_DIGITS;
	if (is_hidden)
		return strcmp(text, ".new") == 0 ? NAME_HIDDEN : NAME_OF_OTHERS;
	for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++)
		if (strcmp(text, SUFFIXES[i]) == 0)
			return NAME_OF_OURS;
	return NAME_OF_OTHERS;
}
