#include "say.h"

#include <errno.h>

#include "mem.h"
#include "sys.h"

#define STDERR 2

static const struct {
	int error;
	const char *words;
} ERRORS[] = {
	{ EPERM, "not permitted" },
	{ ENOENT, "there is no such file" },
	{ ESRCH, "there is no such process" },
	{ EINTR, "interrupted" },
	{ EIO, "input or output failed" },
	{ E2BIG, "the arguments are too long" },
	{ ENOEXEC, "it is no program that this machine can run" },
	{ EAGAIN, "for now there are not the means" },
	{ ENOMEM, "no memory" },
	{ EACCES, "permission denied" },
	{ EBUSY, "it is in use" },
	{ EEXIST, "it exists" },
	{ ENODEV, "there is no such device" },
	{ ENOTDIR, "it is no directory" },
	{ EISDIR, "it is a directory" },
	{ EINVAL, "this kernel does not take it" },
	{ ENFILE, "the machine has too many open files" },
	{ EMFILE, "too many open files" },
	{ ENOSPC, "no space is left, or a limit of namespaces is reached" },
	{ EROFS, "the file system is read-only" },
	{ EPIPE, "nobody reads" },
	{ ENAMETOOLONG, "the name is too long" },
	{ ENOSYS, "this kernel does not have it" },
	{ ELOOP, "too many symbolic links" },
	{ EPROTONOSUPPORT, "this kernel does not have it" },
	{ EADDRINUSE, "the address is in use" },
	{ ENOBUFS, "no memory for it" },
	{ ETIMEDOUT, "no answer came in time" },
	{ ECONNREFUSED, "nobody listens there" },
	{ ECONNRESET, "the other side ended" },
};

/** Nothing steers a terminal: a character that is no ASCII is one `?`, in whatever number of bytes. */
static void add_byte(struct text *text, char byte)
{
	int is_rest = ((unsigned char)byte & 0xc0) == 0x80;
	if (!is_rest && text->length < sizeof text->bytes - 1) // the last one is for the newline
		text->bytes[text->length++] = byte < ' ' || byte > '~' ? '?' : byte;
}

void text_add(struct text *text, const char *const parts[])
{
	for (; *parts != NULL; parts++)
		for (const char *byte = *parts; *byte != '\0'; byte++)
			add_byte(text, *byte);
}

void text_number(struct text *text, long number)
{
	char digits[20];
	int count = 0;
	unsigned long rest = number < 0 ? -(unsigned long)number : (unsigned long)number;
	do
		digits[count++] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		add_byte(text, '-');
	while (count > 0)
		add_byte(text, digits[--count]);
}

void text_error(struct text *text, long error)
{
	long number = error < 0 ? -error : error;
	for (size_t i = 0; i < sizeof ERRORS / sizeof *ERRORS; i++)
		if (ERRORS[i].error == number) {
			TEXT(text, ERRORS[i].words);
			return;
		}
	TEXT(text, "error ");
	text_number(text, number);
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		long written = SYS(write, fd, bytes, length);
		if (written == -EINTR)
			continue;
		if (written <= 0)
			return; // there is nobody to tell
		bytes += written;
		length -= (size_t)written;
	}
}

void say_text(struct text *text)
{
	static const char NAME[] = "uevent-agent: ";
	char line[sizeof NAME + sizeof text->bytes];
	memcpy(line, NAME, sizeof NAME - 1);
	memcpy(line + sizeof NAME - 1, text->bytes, text->length);
	line[sizeof NAME - 1 + text->length] = '\n';
	write_all(STDERR, line, sizeof NAME + text->length);
}

int say_failure(const char *what, const char *name, long error, const char *remedy)
{
	struct text text = { .length = 0 };
	TEXT(&text, what, name, ": ");
	text_error(&text, error);
	if (remedy != NULL)
		TEXT(&text, ". ", remedy);
	say_text(&text);
	return STATUS_WORLD;
}

int say_usage(const char *wrong, const char *word)
{
	SAY(wrong, word, ". `uevent-agent --help` says what there is");
	return STATUS_WORDS;
}
