#include "inject.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "claim.h"
#include "sys.h"

#define UEVENT_TYPE NLMSG_MIN_TYPE // what is below is dropped in silence

// `SEQNUM=`, up to 20 digits and a NUL. Up to here a datagram fits for certain; beyond, only the kernel knows.
#define SEQNUM_MAX 28
#define SURELY_FITS (UEVENT_MESSAGE_MAX - NLMSG_HDRLEN - SEQNUM_MAX)

struct run {
	struct mmsghdr *messages; // in the ledger, or `own`
	struct mmsghdr own[RUN_MAX];
	struct iovec bytes[RUN_MAX];
	struct claim from;
};

// One header for each datagram: two in one arrive as one event that carries the other behind it. No acknowledgement is asked
// for, which would cost a third as much as the event: an error is answered all the same.
static void put(struct run *run, struct arena arena, const struct outgoing *item, uint32_t index)
{
	uint8_t *start = arena.bytes + item->start - NLMSG_HDRLEN;
	uint32_t length = NLMSG_HDRLEN + outgoing_finish(arena, item);
	*(struct nlmsghdr *)start = (struct nlmsghdr){
		.nlmsg_len = length,
		.nlmsg_type = UEVENT_TYPE,
		.nlmsg_flags = NLM_F_REQUEST, // without it the event is dropped in silence
		.nlmsg_seq = index,
	};
	run->bytes[index] = (struct iovec){ .iov_base = start, .iov_len = length };
	run->messages[index].msg_hdr = (struct msghdr){
		.msg_iov = &run->bytes[index],
		.msg_iovlen = 1,
		.msg_control = &run->from,
		.msg_controllen = sizeof run->from,
	};
}

struct answer {
	struct nlmsghdr header;
	struct nlmsgerr body;
};

// Errors are there when `sendmsg` returns: the kernel works in the sender's call.
static void read_errors(int fd, struct outgoing *items, uint32_t sent)
{
	struct answer answer;
	for (uint32_t left = RUN_MAX; left > 0; left--) {
		ssize_t length = recv(fd, &answer, sizeof answer, MSG_DONTWAIT);
		if (length < 0 && errno != EAGAIN && errno != ENOBUFS && left > 1)
			continue; // it is asked again: what was sent must not be said once more for that
		if (length < 0 && errno != EAGAIN)
			items[sent - 1].result = -errno; // there was an answer, and no memory for it
		if (length < (ssize_t)sizeof answer || answer.header.nlmsg_type != NLMSG_ERROR)
			return;
		if (answer.header.nlmsg_seq < sent)
			items[answer.header.nlmsg_seq].result = answer.body.error;
	}
}

static int surely_fits(const struct outgoing *item)
{
	return item->length + (item->number < 0 ? 0 : TAIL_ROOM) <= SURELY_FITS;
}

// Starts ascend, so that no two of a run share the bytes around them.
static int continues_run(struct arena arena, const struct outgoing *before, const struct outgoing *item)
{
	int is_same = item->fd == before->fd && item->ledger == before->ledger;
	return is_same && item->start > before->start && outgoing_fits(arena, item) && surely_fits(item);
}

// A datagram that may be too long goes alone: after one that fails nothing else may be said.
static uint32_t run_length(struct arena arena, const struct outgoing *items, uint32_t count)
{
	uint32_t length = 1;
	if (surely_fits(&items[0]))
		while (length < count && length < RUN_MAX && continues_run(arena, &items[length - 1], &items[length]))
			length++;
	return length;
}

// sendmsg() is the cheaper one for one.
static int send_messages(int fd, struct run *run, uint32_t length)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	if (length > 1 || run->messages != run->own)
		return sys_result(sendmmsg(fd, run->messages, length, flags));
	int sent = sys_result(sendmsg(fd, &run->messages[0].msg_hdr, flags));
	return sent < 0 ? sent : 1;
}

static uint32_t send_run(struct run *run, struct outgoing *items, uint32_t length)
{
	int sent = send_messages(items[0].fd, run, length);
	if (sent < 0) {
		items[0].result = sent;
		return 1;
	}
	read_errors(items[0].fd, items, (uint32_t)sent);
	for (uint32_t i = 0; i < (uint32_t)sent; i++)
		if (items[i].result != 0)
			run->messages[i].msg_len = 0;
	return (uint32_t)sent;
}

uint32_t inject_run(struct arena arena, struct ledgers ledgers, struct outgoing *items, uint32_t count)
{
	struct run run;
	uint32_t length = run_length(arena, items, count);
	run.messages = outgoing_headers(ledgers, items, length, run.own);
	claim_make(&run.from, &items[0]);
	for (uint32_t i = 0; i < length; i++) {
		items[i].result = 0;
		put(&run, arena, &items[i], i);
	}
	return send_run(&run, items, length);
}
