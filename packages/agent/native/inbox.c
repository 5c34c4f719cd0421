#include "inbox.h"

#include <errno.h>
#include <sys/socket.h>

#include "mem.h"
#include "say.h"
#include "sys.h"

#define REFUSED_AT_ONCE 64 // events that are left out, until others have a turn
#define NAME_LENGTH_MAX 64 // bytes
#define JOBS_MAX 64
#define TIMEOUT_MAX 86400 // seconds

static long read_number(const char *text, long most)
{
	long number = 0;
	for (const char *digit = text; *digit != '\0'; digit++) {
		if (*digit < '0' || *digit > '9' || number > most)
			return 0;
		number = number * 10 + *digit - '0';
	}
	return number <= most ? number : 0;
}

/** Without dots: what stands before `.sock` names another form. */
static int is_name(const char *name)
{
	size_t length = 0;
	for (; name[length] != '\0'; length++) {
		char byte = name[length];
		int is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
		if (!is_letter && !(byte >= '0' && byte <= '9') && byte != '_' && byte != '-')
			return 0;
	}
	return length > 0 && length <= NAME_LENGTH_MAX;
}

static int set_option(struct options *options, const char *option, const char *value)
{
	int has_jobs = options->jobs > 0;
	if (value == NULL)
		return say_usage("a value is missing behind ", option);
	if (same_text(option, "--dir"))
		options->dir = value;
	else if (same_text(option, "--name"))
		options->name = value;
	else if (has_jobs && same_text(option, "--jobs"))
		options->jobs = read_number(value, JOBS_MAX);
	else if (has_jobs && same_text(option, "--timeout"))
		options->timeout = read_number(value, TIMEOUT_MAX);
	else
		return say_usage("there is no option ", option);
	if (!is_name(options->name))
		return say_usage("a name has 1 to 64 letters, digits, - or _: ", options->name);
	if (has_jobs && (options->jobs == 0 || options->timeout == 0))
		return say_usage("no number that is possible: ", value);
	return 0;
}

int options_read(struct options *options, char **arguments, char ***rest)
{
	for (; *arguments != NULL && (*arguments)[0] == '-'; arguments += 2) {
		if (same_text(*arguments, "--")) {
			arguments++;
			break;
		}
		int status = set_option(options, arguments[0], arguments[1]);
		if (status != 0)
			return status;
	}
	*rest = arguments;
	return 0;
}

int inbox_open(struct inbox *inbox, const struct options *options)
{
	struct text path = { .length = 0 };
	TEXT(&path, options->dir, "/", options->name, ".sock");
	inbox->refused = 0;
	path.bytes[path.length] = '\0';
	if (path.length > SOCKET_PATH_MAX)
		return say_failure("", path.bytes, -ENAMETOOLONG, "A socket's path has 107 bytes at most");
	memcpy(inbox->path, path.bytes, path.length + 1);
	return socket_place(&inbox->own, inbox->path, SOCK_DGRAM);
}

void inbox_take(struct inbox *inbox, int fd)
{
	static const char NAME[] = "the relay";
	memcpy(inbox->path, NAME, sizeof NAME);
	inbox->own = (struct own_socket){ .fd = fd };
	inbox->refused = 0;
}

static int is_connected(const struct inbox *inbox)
{
	return inbox->own.path == NULL;
}

void inbox_close(struct inbox *inbox)
{
	if (inbox->own.fd < 0)
		return;
	if (!is_connected(inbox))
		socket_remove(&inbox->own);
	SYS(close, inbox->own.fd);
	inbox->own.fd = -1;
}

static void refuse(struct inbox *inbox, const char *why)
{
	struct text text = { .length = 0 };
	if (!is_worth_saying(++inbox->refused))
		return;
	TEXT(&text, inbox->path, ": an event is left out, number ");
	text_number(&text, (long)inbox->refused);
	TEXT(&text, ": ", why);
	say_text(&text);
}

int inbox_next(struct inbox *inbox, struct uevent *event, char *memory)
{
	for (int refused = 0; refused < REFUSED_AT_ONCE; refused++) {
		long length = SYS(recvfrom, inbox->own.fd, memory, SLOT_SIZE - 1, MSG_DONTWAIT | MSG_TRUNC, NULL, NULL);
		if (length < 0 || (length == 0 && is_connected(inbox)))
			return 0;
		const char *why = length > DATAGRAM_MAX ? "it is too long" :
							  uevent_read(event, memory, (size_t)length);
		if (why == NULL)
			return 1;
		refuse(inbox, why);
	}
	return 0; // whoever sends nothing else keeps us from nothing else
}
