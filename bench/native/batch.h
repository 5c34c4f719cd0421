#ifndef BENCH_BATCH_H
#define BENCH_BATCH_H

#include <linux/netlink.h>
#include <stdint.h>
#include <sys/socket.h>

#define BATCH 64
#define SLOT (4096 + 320) // bytes; the odd rest keeps slots from falling on the same lines of the processor's cache

/** Up to BATCH datagrams, with what is needed to know who sent them. */
struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec slots[BATCH];
	struct sockaddr_nl senders[BATCH];
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(struct ucred))];
	} controls[BATCH];
	uint8_t slab[BATCH * SLOT];
};

void batch_prepare(struct batch *batch);

/** Reads what is there, at most `limit`. With MSG_WAITFORONE it waits for the first. Returns the count; ends the program on an overrun. */
int batch_receive(struct batch *batch, int fd, uint32_t limit, int flags);

/** True if the kernel sent datagram `i`, or somebody injected it: what a relay must know before it believes one. */
int batch_trusts(const struct batch *batch, int i);

static inline uint8_t *batch_bytes(struct batch *batch, int i)
{
	return batch->slab + i * SLOT;
}

static inline uint32_t batch_length(const struct batch *batch, int i)
{
	return batch->messages[i].msg_len;
}

#endif
