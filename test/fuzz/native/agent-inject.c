// What the agent reads while it says events in a container: datagrams of the relay, the kernel's list of sockets, the kernel's answers.
#include "fake/calls.h"
#include "fake/input.h"

#include "agent/native/uevent.c"
#include "agent/native/inbox.c"
#undef PAUSE_MS
#include "agent/native/inject.c"

static struct input input;
static long now;

/** A message is in the kernel's form, without SEQNUM. */
static void check_message(const struct message *message, size_t length)
{
	HOLDS(message->header.nlmsg_len == length && length >= NLMSG_HDRLEN && length <= sizeof *message);
	size_t size = length - NLMSG_HDRLEN;
	HOLDS(size > 0 && message->bytes[size - 1] == '\0');
	for (size_t at = 0; at < size; at += strlen(message->bytes + at) + 1)
		HOLDS(strncmp(message->bytes + at, "SEQNUM=", 7) != 0);
}

static long receive(char *bytes, long room, int is_datagram)
{
	size_t length = take_short(&input) % (is_datagram ? 2 * SLOT_SIZE : 64);
	size_t fits = length < (size_t)room ? length : (size_t)room;
	if (input.left == 0)
		return -EAGAIN;
	memset(bytes, 0, fits);
	take(&input, bytes, fits);
	return is_datagram ? (long)length : (long)fits; // MSG_TRUNC says how long it was
}

static long answered(long number, long fd, long pointer, long size, long flags)
{
	switch (number) {
	case SYS_recvfrom:
		return receive((char *)pointer, size, (flags & MSG_TRUNC) != 0);
	case SYS_sendto:
		check_message((const struct message *)pointer, (size_t)size);
		return take_byte(&input) % 8 == 1 ? -ENOBUFS : size;
	default:
		(void)fd;
		return -ENOSYS;
	}
}

long clock_ms(void)
{
	return now += 100;
}

long files_read_all(const char *path, char *bytes, size_t size)
{
	size_t length = take_short(&input);
	(void)path;
	return length > size ? -ENOENT : (long)take(&input, bytes, length);
}

void poll_until(struct pollfd *polled, int count, long time)
{
	(void)polled, (void)count, (void)time;
}

int signals_next(int fd)
{
	(void)fd;
	return input.left == 0 ? SIGTERM : 0;
}

int signals_open(int *fd, uint64_t wanted, uint64_t *before)
{
	(void)fd, (void)wanted, (void)before;
	return 0;
}

int socket_place(struct own_socket *own, const char *path, int type)
{
	(void)own, (void)path, (void)type;
	return 0;
}

void socket_remove(const struct own_socket *own)
{
	(void)own;
}

void text_add(struct text *text, const char *const parts[])
{
	(void)text;
	for (; *parts != NULL; parts++)
		HOLDS(strlen(*parts) < 2 * SLOT_SIZE);
}

void text_number(struct text *text, long number)
{
	(void)text, (void)number;
}

void say_text(struct text *text)
{
	(void)text;
}

int say_failure(const char *what, const char *name, long error, const char *remedy)
{
	(void)what, (void)name, (void)error, (void)remedy;
	return STATUS_WORLD;
}

int say_usage(const char *wrong, const char *word)
{
	(void)wrong, (void)word;
	return STATUS_WORDS;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct injector injector;
	input = (struct input){ bytes, length };
	now = 0;
	memset(&injector, 0, sizeof injector);
	inbox_take(&injector.inbox, 5);
	injector.said = take_byte(&input) % BURST;
	return run(&injector);
}
