// Sending: the table that JavaScript writes, a ledger into which anybody who has the file could have written anything, and what the kernel
// answers.
#include <sys/socket.h>

#include "fake/input.h"

static ssize_t fake_send(int fd, const void *bytes, size_t length, int flags);
static ssize_t fake_sendmsg(int fd, const struct msghdr *message, int flags);
static int fake_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
static ssize_t fake_recv(int fd, void *bytes, size_t room, int flags);
#define send fake_send
#define sendmsg fake_sendmsg
#define sendmmsg fake_sendmmsg
#define recv fake_recv
#include "linux/native/core/ledger.c"
#include "linux/native/core/failed_set.c"
#include "linux/native/core/multicast.c"
#include "linux/native/core/outgoing.c"
#undef SURELY_FITS
#define answer kernels_answer
#include "linux/native/core/inject.c"

#define ITEMS 24
#define ARENA 2048
#define LEDGERS 2

static struct input input;
static struct arena arena;

static int failed(void)
{
	static const int ERRORS[] = { EAGAIN, ENOBUFS, ECONNREFUSED, EPERM, EMSGSIZE };
	uint8_t what = take_byte(&input);
	if (what < 200)
		return 0;
	errno = ERRORS[what % 5];
	return 1;
}

/** What is sent lies in the arena. */
static void check_bytes(const void *bytes, size_t length)
{
	const uint8_t *start = bytes;
	HOLDS(start >= arena.bytes && start + length <= arena.bytes + arena.size && length > 0);
}

static void check_message(const struct msghdr *message)
{
	HOLDS(message->msg_iovlen == 1 && message->msg_name == NULL && message->msg_flags == 0);
	check_bytes(message->msg_iov->iov_base, message->msg_iov->iov_len);
}

static ssize_t fake_send(int fd, const void *bytes, size_t length, int flags)
{
	(void)fd;
	HOLDS(flags == (MSG_DONTWAIT | MSG_NOSIGNAL));
	check_bytes(bytes, length);
	return failed() ? -1 : (ssize_t)length;
}

static ssize_t fake_sendmsg(int fd, const struct msghdr *message, int flags)
{
	(void)fd, (void)flags;
	check_message(message);
	return failed() ? -1 : (ssize_t)message->msg_iov->iov_len;
}

static int fake_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	(void)fd, (void)flags;
	HOLDS(count > 0 && count <= RUN_MAX);
	unsigned sent = 1 + take_byte(&input) % count;
	if (failed())
		return -1;
	for (unsigned i = 0; i < sent; i++) {
		check_message(&messages[i].msg_hdr);
		HOLDS(messages[i].msg_len == 0);
		messages[i].msg_len = (unsigned)messages[i].msg_hdr.msg_iov->iov_len;
	}
	return (int)sent;
}

static ssize_t fake_recv(int fd, void *bytes, size_t room, int flags)
{
	size_t length = take_byte(&input) % (room + 1);
	(void)fd, (void)flags;
	if (length == 0) {
		errno = take_byte(&input) % 2 ? EAGAIN : ENOBUFS;
		return -1;
	}
	memset(bytes, 0, length);
	take(&input, bytes, length);
	((struct nlmsghdr *)bytes)->nlmsg_type = length < sizeof(struct nlmsghdr) ? 0 : NLMSG_ERROR;
	return (ssize_t)length;
}

/** Most of it is as JavaScript writes it. */
static void fill(struct outgoing *item)
{
	uint8_t what = take_byte(&input);
	*item = (struct outgoing){ .fd = what % 7 - 1, .kind = what / 7 % 3, .start = (uint32_t)take_byte(&input) * 4, .length = take_byte(&input), .number = what & 128 ? -1 : take_word(&input), .ledger = take_byte(&input) % 4 - 1 };
	if (what == 255)
		take(&input, item, sizeof *item);
	item->fd %= 4096; // of a descriptor that is
}

static struct ledger make_ledger(void)
{
	uint32_t size = (2 + take_byte(&input)) * 8;
	struct ledger ledger = { malloc(size), size };
	memset(ledger.bytes, 0, size);
	ledger_begin(&ledger, 1);
	if (take_byte(&input) & 1)
		take(&input, ledger.bytes, sizeof(struct ledger_header));
	return ledger;
}

static void check_ledger(struct ledger *ledger)
{
	uint8_t record[24] = { 0 };
	uint32_t room = ledger_room(ledger);
	HOLDS(room <= ledger->size);
	int error = ledger_write(ledger, record, take_byte(&input) % sizeof record);
	HOLDS(error == 0 || error == -ENOSPC);
	HOLDS(ledger_room(ledger) <= room);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct outgoing *table = malloc(ITEMS * sizeof *table);
	struct ledger all[LEDGERS];
	input = (struct input){ bytes, length };
	arena = (struct arena){ malloc(ARENA), ARENA };
	memset(arena.bytes, 'x', ARENA);
	for (int i = 0; i < LEDGERS; i++)
		all[i] = make_ledger();
	uint32_t count = take_byte(&input) % (ITEMS + 1);
	for (uint32_t i = 0; i < count; i++)
		fill(&table[i]);
	int failures = send_all(arena, (struct ledgers){ all, LEDGERS }, table, count), results = 0;
	for (uint32_t i = 0; i < count; i++)
		results += table[i].result != 0;
	HOLDS(failures == results);
	for (int i = 0; i < LEDGERS; i++) {
		check_ledger(&all[i]);
		free(all[i].bytes);
	}
	free(arena.bytes);
	free(table);
	return 0;
}
