// Says each event once more on the netlink of the network namespace in which it runs, for programs that listen there.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/stat.h>
#include <poll.h>
#include <sys/socket.h>

#include "commands.h"
#include "inbox.h"
#include "mem.h"
#include "say.h"
#include "signals.h"
#include "spawn.h"
#include "sys.h"

#define EVENT_MAX 2004 // bytes without SEQNUM, that fit for certain
#define KERNEL_MAX 2048 // bytes with the header and SEQNUM
#define UEVENT_TYPE NLMSG_MIN_TYPE // what is below is dropped in silence
#define INITIAL_USERNS 0xeffffffdu // the inode of its file in /proc
#define PAUSE_MS 2 // until it is looked again whether there is room
#define BURST 16 // events between two looks at what waits for readers
#define READER_BYTES 106496 // that may wait for a reader: half of a default buffer
#define STANDS_STILL_MS 2000 // a reader that does not read for so long is not waited for
#define TABLE_MAX 65536 // bytes of the list of sockets
#define GROUPS_COLUMN 3
#define WAITING_COLUMN 4
#define KERNEL_GROUP 1

struct message {
	struct nlmsghdr header;
	char bytes[KERNEL_MAX];
};

struct injector {
	struct inbox inbox;
	int signals;
	int netlink;
	int said; // since the last look
	int ignores_readers;
	unsigned long too_long, failed;
	struct uevent event;
	char memory[SLOT_SIZE];
	char table[TABLE_MAX + 1];
};

static long open_netlink(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	long fd = SYS(socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return fd;
	long error = SYS(bind, fd, &kernel, sizeof kernel);
	if (error == 0)
		error = SYS(connect, fd, &kernel, sizeof kernel); // then it takes answers of nobody else
	if (error == 0)
		return fd;
	SYS(close, fd);
	return error;
}

/** The kernel works in the sender's call: its answer is there at once, or it had no memory for one, and the event is said. */
static long read_answer(int netlink)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr body;
	} answer;
	long length = SYS(recvfrom, netlink, &answer, sizeof answer, MSG_DONTWAIT, NULL, NULL);
	if (length < 0)
		return 0; // to say it again would be to say it twice
	return length >= (long)sizeof answer && answer.header.nlmsg_type == NLMSG_ERROR ? answer.body.error : -EIO;
}

static long send_message(int netlink, struct message *message, size_t length)
{
	message->header = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + length),
		.nlmsg_type = UEVENT_TYPE,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK, // without the first the event is dropped in silence
	};
	long sent = SYS(sendto, netlink, message, NLMSG_HDRLEN + length, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	return sent < 0 ? sent : read_answer(netlink);
}

/** Without SEQNUM: the kernel writes its own behind it. Returns the length; one beyond KERNEL_MAX is not copied. */
static size_t copy_event(struct message *message, const struct uevent *event)
{
	size_t length = event->pairs;
	if (length <= KERNEL_MAX)
		memcpy(message->bytes, event->bytes, length);
	for (const char *pair = NULL; (pair = uevent_next(event, pair)) != NULL;) {
		size_t size = strlen(pair) + 1;
		if (uevent_value(pair, "SEQNUM") != NULL)
			continue;
		if (length + size <= KERNEL_MAX)
			memcpy(message->bytes + length, pair, size);
		length += size;
	}
	return length;
}

/** The kernel looks at the privilege first and at the length then: one that is too long is heard by nobody. */
static long prove(int netlink)
{
	struct message message;
	memset(message.bytes, 0, sizeof message.bytes);
	long error = send_message(netlink, &message, sizeof message.bytes);
	return error == -EPERM || error == -EACCES ? error : 0;
}

static int hears_kernel_itself(void)
{
	struct statx owner = { .stx_ino = 0 };
	long netns = SYS(openat, AT_FDCWD, "/proc/self/ns/net", O_RDONLY | O_CLOEXEC, 0);
	long userns = netns < 0 ? netns : SYS(ioctl, netns, NS_GET_USERNS, 0);
	if (userns >= 0)
		SYS(statx, userns, "", AT_EMPTY_PATH, STATX_INO, &owner);
	SYS(close, netns);
	SYS(close, userns);
	return owner.stx_ino == INITIAL_USERNS;
}

static const char *next_word(const char *at)
{
	while (*at != '\0' && *at != ' ' && *at != '\n')
		at++;
	while (*at == ' ')
		at++;
	return at;
}

static long read_digits(const char *at, int base)
{
	long number = 0;
	for (;; at++) {
		int digit = *at >= '0' && *at <= '9' ? *at - '0' : *at >= 'a' && *at <= 'f' ? *at - 'a' + 10 : base;
		if (digit >= base || number > LONG_MAX / base - base)
			return number;
		number = number * base + digit;
	}
}

/** `sk Eth Pid Groups Rmem …`: what waits for the socket of this line, if it hears the kernel's uevents. */
static long waiting_in(const char *line)
{
	const char *column[WAITING_COLUMN + 1];
	for (int i = 0; i <= WAITING_COLUMN; i++, line = next_word(line))
		column[i] = line;
	if (read_digits(column[1], 10) != NETLINK_KOBJECT_UEVENT ||
	    !(read_digits(column[GROUPS_COLUMN], 16) & KERNEL_GROUP))
		return 0;
	return read_digits(column[WAITING_COLUMN], 10);
}

static const char *next_line(const char *at)
{
	while (*at != '\0' && *at != '\n')
		at++;
	return *at == '\n' ? at + 1 : at;
}

/** Whether more waits for one of the readers than it should. */
static int are_readers_behind(struct injector *injector)
{
	long length = files_read_all("/proc/self/net/netlink", injector->table, TABLE_MAX);
	injector->table[length < 0 ? 0 : length] = '\0';
	for (const char *line = injector->table; *line != '\0'; line = next_line(line))
		if (waiting_in(line) > READER_BYTES)
			return 1;
	return 0;
}

/** Returns 1 when it is to end. */
static int nap(struct injector *injector)
{
	struct pollfd polled = { .fd = injector->signals, .events = POLLIN };
	poll_until(&polled, 1, clock_ms() + PAUSE_MS);
	return signals_next(injector->signals) != 0;
}

/** A reader's buffer that is full loses events without a word. */
static int wait_for_readers(struct injector *injector)
{
	long until = clock_ms() + STANDS_STILL_MS;
	injector->said = 0;
	while (are_readers_behind(injector)) {
		if (injector->ignores_readers || clock_ms() >= until) {
			injector->ignores_readers = 1;
			return 0;
		}
		if (nap(injector))
			return 1;
	}
	injector->ignores_readers = 0;
	return 0;
}

static void say_lost(const struct injector *injector, unsigned long count, const char *why)
{
	struct text text = { .length = 0 };
	if (!is_worth_saying(count))
		return;
	TEXT(&text, injector->event.action, "@", injector->event.devpath, " is left out, number ");
	text_number(&text, (long)count);
	TEXT(&text, ": ", why);
	say_text(&text);
}

/** Returns 1 when it is to end. */
static int inject(struct injector *injector)
{
	struct message message;
	size_t length = copy_event(&message, &injector->event);
	if (length > EVENT_MAX) {
		say_lost(injector, ++injector->too_long, "netlink takes 2004 bytes. A program that reads the socket hears it");
		return 0;
	}
	if (++injector->said >= BURST && wait_for_readers(injector))
		return 1;
	long error; // for want of memory nobody heard it; of a reader whose buffer is full the kernel says nothing here
	while ((error = send_message(injector->netlink, &message, length)) == -EAGAIN || error == -ENOBUFS || error == -ENOMEM)
		if (nap(injector))
			return 1;
	if (error < 0)
		say_lost(injector, ++injector->failed, "the kernel does not take it");
	return 0;
}

static int run(struct injector *injector)
{
	for (;;) {
		struct pollfd polled[] = { { .fd = injector->signals, .events = POLLIN },
					   { .fd = injector->inbox.own.fd, .events = POLLIN } };
		poll_until(polled, 2, LONG_MAX);
		if (signals_next(injector->signals) != 0)
			return 0;
		if (inbox_next(&injector->inbox, &injector->event, injector->memory) && inject(injector))
			return 0;
	}
}

static int prepare(struct injector *injector)
{
	static const char REMEDY[] = "It takes CAP_SYS_ADMIN in the user namespace that owns the network namespace";
	if (hears_kernel_itself()) {
		SAY("programs here hear the kernel itself, and would hear each event twice. "
		    "Give the container a user namespace, or run programs by `hotplug` or `pipe`");
		return STATUS_WORLD;
	}
	long netlink = open_netlink();
	if (netlink < 0)
		return say_failure("no uevent socket can be opened", "", netlink, NULL);
	injector->netlink = (int)netlink;
	long error = prove(injector->netlink);
	return error < 0 ? say_failure("events cannot be said here", "", error, REMEDY) : 0;
}

int command_inject(char **arguments)
{
	static struct injector injector;
	struct options options = { .dir = EVENTS_DIR, .name = "agent" };
	uint64_t mask;
	char **rest;
	int status = options_read(&options, arguments, &rest);
	if (status == 0 && rest[0] != NULL)
		status = say_usage("inject: nothing is wanted but options: ", rest[0]);
	if (status == 0)
		status = prepare(&injector);
	if (status == 0)
		status = signals_open(&injector.signals, SIGNALS_TO_END, &mask);
	if (status == 0)
		status = inbox_open(&injector.inbox, &options);
	if (status != 0)
		return status;
	status = run(&injector);
	inbox_close(&injector.inbox);
	return status;
}
