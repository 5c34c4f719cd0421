#include "receive.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "sys.h"

union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(struct ucred))];
};

struct headers {
	struct mmsghdr messages[RECEIVE_BATCH];
	struct iovec slots[RECEIVE_BATCH];
	struct sockaddr_nl senders[RECEIVE_BATCH];
	union control controls[RECEIVE_BATCH];
};

size_t receive_headers_size(void)
{
	return sizeof(struct headers);
}

// From the first one on: who is killed meanwhile leaves the end of the batch, and of that has told nothing that it had not told of the rest.
static void forget(struct headers *headers)
{
	for (size_t i = 0; i < RECEIVE_BATCH; i++)
		*(volatile unsigned *)&headers->messages[i].msg_len = 0;
}

static void prepare(struct headers *headers, uint8_t *slab, size_t slot_size)
{
	forget(headers);
	for (size_t i = 0; i < RECEIVE_BATCH; i++) {
		headers->slots[i] = (struct iovec){ .iov_base = slab + i * slot_size, .iov_len = slot_size };
		headers->senders[i].nl_family = AF_UNSPEC; // a sender without a name leaves this as it is
		headers->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &headers->senders[i],
			.msg_namelen = sizeof headers->senders[i],
			.msg_iov = &headers->slots[i],
			.msg_iovlen = 1,
			.msg_control = &headers->controls[i],
			.msg_controllen = sizeof headers->controls[i],
		};
	}
}

static const struct ucred *credentials(struct msghdr *header)
{
	struct cmsghdr *item = CMSG_FIRSTHDR(header);
	if (item == NULL || item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_CREDENTIALS)
		return NULL;
	return (const struct ucred *)CMSG_DATA(item);
}

static void note_sender(struct received *received, uint32_t row, struct msghdr *header)
{
	const struct sockaddr_nl *sender = header->msg_name;
	const struct ucred *from = credentials(header);
	int netlink = sender->nl_family == AF_NETLINK;
	received->port_ids[row] = netlink ? sender->nl_pid : 0;
	received->groups[row] = netlink ? sender->nl_groups : 0;
	received->pids[row] = from ? from->pid : -1;
	received->uids[row] = from ? from->uid : 0;
}

static void note(struct received *received, struct mmsghdr *message, uint32_t start)
{
	if (message->msg_hdr.msg_flags & MSG_TRUNC) {
		received->truncated++;
		return;
	}
	uint32_t row = received->count++;
	received->starts[row] = start;
	received->ends[row] = start + message->msg_len;
	note_sender(received, row, &message->msg_hdr);
}

// A short read may also end at an overrun, which only the next call reports: EAGAIN alone says that the queue is empty. That
// call is the caller's, who first passes on what has come.
static int fill(int fd, struct headers *headers, uint32_t slot_size, struct received *received)
{
	int count = sys_result(recvmmsg(fd, headers->messages, RECEIVE_BATCH, MSG_DONTWAIT, NULL));
	received->overrun = count == -ENOBUFS;
	received->drained = count == -EAGAIN;
	for (int i = 0; i < count; i++)
		note(received, &headers->messages[i], (uint32_t)i * slot_size);
	return count < 0 && !received->overrun && !received->drained ? count : 0;
}

int receive_batch(int fd, void *headers, uint8_t *slab, size_t slab_size, struct received *received)
{
	size_t slot_size = slab_size / RECEIVE_BATCH;
	received->count = received->truncated = 0;
	prepare(headers, slab, slot_size);
	return fill(fd, headers, (uint32_t)slot_size, received);
}

// Addresses that are in it were of the other process.
static void point_here(struct headers *headers, size_t i)
{
	struct msghdr *header = &headers->messages[i].msg_hdr;
	int has_control = header->msg_controllen >= CMSG_LEN(sizeof(struct ucred)) && header->msg_controllen <= sizeof headers->controls[i];
	header->msg_name = &headers->senders[i];
	header->msg_control = &headers->controls[i];
	header->msg_controllen = has_control ? sizeof headers->controls[i] : 0;
}

void receive_left(void *memory, size_t slab_size, struct received *received)
{
	struct headers *headers = memory;
	size_t slot_size = slab_size / RECEIVE_BATCH;
	*received = (struct received){ 0 };
	for (size_t i = 0; i < RECEIVE_BATCH; i++) {
		if (headers->messages[i].msg_len == 0 || headers->messages[i].msg_len > slot_size)
			continue;
		point_here(headers, i);
		note(received, &headers->messages[i], (uint32_t)(i * slot_size));
	}
}
