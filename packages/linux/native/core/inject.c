#include "inject.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "sys.h"

#define RUN_MAX 16
#define UEVENT_TYPE NLMSG_MIN_TYPE // what is below is dropped in silence

// `SEQNUM=`, up to 20 digits and a NUL. Up to here a datagram fits for certain; beyond, only the kernel knows.
#define SEQNUM_MAX 28
#define SURELY_FITS (UEVENT_MESSAGE_MAX - NLMSG_HDRLEN - SEQNUM_MAX)

struct run {
	struct mmsghdr messages[RUN_MAX];
	struct iovec bytes[RUN_MAX];
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(struct ucred))];
	} from;
};

// The credentials carry the sender's own pid: any other needs a privilege, and 0 is refused.
static void claim(struct run *run, const struct outgoing *item)
{
	struct ucred from = { .pid = getpid(), .uid = item->uid, .gid = item->gid };
	run->from.header = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof from),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_CREDENTIALS,
	};
	memcpy(CMSG_DATA(&run->from.header), &from, sizeof from);
}

// One header for each datagram: two in one arrive as one event that carries the other behind it. The acknowledgement
// is asked for the last alone; an error is always answered.
static void put(struct run *run, struct arena arena, const struct outgoing *item, uint32_t index, int last)
{
	uint8_t *start = arena.bytes + item->start - NLMSG_HDRLEN;
	uint32_t length = NLMSG_HDRLEN + outgoing_finish(arena, item);
	*(struct nlmsghdr *)start = (struct nlmsghdr){
		.nlmsg_len = length,
		.nlmsg_type = UEVENT_TYPE,
		.nlmsg_flags = last ? NLM_F_REQUEST | NLM_F_ACK : NLM_F_REQUEST,
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

// Answers are there when `sendmsg` returns: the kernel works in the sender's call.
static void read_answers(int fd, struct outgoing *items, uint32_t sent)
{
	struct answer answer;
	for (uint32_t left = 2 * RUN_MAX; left > 0; left--) {
		ssize_t length = recv(fd, &answer, sizeof answer, MSG_DONTWAIT);
		if (length < (ssize_t)sizeof answer || answer.header.nlmsg_type != NLMSG_ERROR)
			return;
		if (answer.header.nlmsg_seq < sent)
			items[answer.header.nlmsg_seq].result = answer.body.error;
		if (answer.header.nlmsg_seq == sent - 1)
			return;
	}
}

static int surely_fits(const struct outgoing *item)
{
	return item->length + (item->number < 0 ? 0 : TAIL_ROOM) <= SURELY_FITS;
}

// Starts ascend, so that no two of a run share the bytes around them.
static int continues_run(struct arena arena, const struct outgoing *before, const struct outgoing *item)
{
	return item->fd == before->fd && item->start > before->start && outgoing_fits(arena, item) && surely_fits(item);
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

static uint32_t send_run(struct run *run, struct outgoing *items, uint32_t length)
{
	int sent = sys_result(sendmmsg(items[0].fd, run->messages, length, MSG_DONTWAIT | MSG_NOSIGNAL));
	if (sent < 0) {
		items[0].result = sent;
		return 1;
	}
	if ((uint32_t)sent == length)
		items[sent - 1].result = -EPROTO; // until it is acknowledged
	read_answers(items[0].fd, items, (uint32_t)sent);
	return (uint32_t)sent;
}

uint32_t inject_run(struct arena arena, struct outgoing *items, uint32_t count)
{
	struct run run;
	uint32_t length = run_length(arena, items, count);
	claim(&run, &items[0]);
	for (uint32_t i = 0; i < length; i++) {
		items[i].result = 0;
		put(&run, arena, &items[i], i, i == length - 1);
	}
	return send_run(&run, items, length);
}
