#include "outgoing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "failed_set.h"
#include "inject.h"
#include "multicast.h"
#include "sys.h"

static int has_number(const struct outgoing *item)
{
	return item->number >= 0 && item->number < 0x1p63;
}

int outgoing_fits(struct arena arena, const struct outgoing *item)
{
	uint64_t end = (uint64_t)item->start + item->length + TAIL_ROOM;
	int empty = item->length == 0 && !has_number(item); // an empty datagram ends mdevd and libudev's listeners
	return item->start >= HEAD_ROOM && item->start % 4 == 0 && end <= arena.size && !empty;
}

static uint32_t write_number(uint8_t *out, uint64_t number)
{
	uint8_t digits[20];
	uint32_t count = 0;
	do
		digits[count++] = (uint8_t)('0' + number % 10);
	while (number /= 10);
	for (uint32_t i = 0; i < count; i++)
		out[i] = digits[count - 1 - i];
	out[count] = '\0';
	return count + 1;
}

uint32_t outgoing_finish(struct arena arena, const struct outgoing *item)
{
	if (!has_number(item))
		return item->length;
	return item->length + write_number(arena.bytes + item->start + item->length, (uint64_t)item->number);
}

static struct ledger *ledger_of(struct ledgers ledgers, const struct outgoing *item)
{
	if (item->ledger < 0 || (uint32_t)item->ledger >= ledgers.count || !ledgers.all[item->ledger].bytes)
		return NULL;
	return &ledgers.all[item->ledger];
}

struct mmsghdr *outgoing_headers(struct ledgers ledgers, const struct outgoing *items, uint32_t count, struct mmsghdr *own)
{
	struct ledger *ledger = ledger_of(ledgers, &items[0]);
	struct mmsghdr *headers = NULL;
	if (ledger) {
		struct ledger_mark marks[RUN_MAX];
		for (uint32_t i = 0; i < count; i++)
			marks[i] = items[i].mark;
		headers = ledger_send(ledger, marks, count);
	}
	if (headers)
		return headers;
	memset(own, 0, count * sizeof *own);
	return own;
}

// send() is the cheaper one where nothing is to be written down.
static int send_unix(struct arena arena, struct ledgers ledgers, const struct outgoing *item)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	struct iovec bytes = { .iov_base = arena.bytes + item->start, .iov_len = outgoing_finish(arena, item) };
	struct mmsghdr own, *header = outgoing_headers(ledgers, item, 1, &own);
	if (header == &own)
		return send(item->fd, bytes.iov_base, bytes.iov_len, flags) < 0 ? -errno : 0;
	header->msg_hdr.msg_iov = &bytes;
	header->msg_hdr.msg_iovlen = 1;
	return sendmmsg(item->fd, header, 1, flags) < 0 ? -errno : 0;
}

// Puts aside what must not be tried. Returns true if the item may go.
static int admit(struct arena arena, struct outgoing *item, const struct failed_set *failed)
{
	item->result = 0;
	if (!outgoing_fits(arena, item))
		item->result = -EINVAL;
	else if (failed_set_has(failed, item->fd))
		item->result = -EAGAIN;
	return item->result == 0;
}

static uint32_t send_next(struct arena arena, struct ledgers ledgers, struct outgoing *item, uint32_t left)
{
	if (item->kind == PEER_UEVENT)
		return inject_run(arena, ledgers, item, left);
	item->result = item->kind == PEER_GROUP ? multicast(arena, ledgers, item) : send_unix(arena, ledgers, item);
	return 1;
}

static int note_failures(struct failed_set *failed, const struct outgoing *items, uint32_t count)
{
	int failures = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (items[i].result == 0)
			continue;
		failures++;
		failed_set_add(failed, items[i].fd);
	}
	return failures;
}

int send_all(struct arena arena, struct ledgers ledgers, struct outgoing *table, uint32_t count)
{
	struct failed_set failed = { 0 };
	int failures = 0;
	for (uint32_t i = 0, done; i < count; i += done) {
		done = admit(arena, &table[i], &failed) ? send_next(arena, ledgers, &table[i], count - i) : 1;
		failures += note_failures(&failed, &table[i], done);
	}
	failed_set_free(&failed);
	return failures;
}
