#ifndef UB_RECEIVE_H
#define UB_RECEIVE_H

#include <stddef.h>
#include <stdint.h>

#define RECEIVE_BATCH 64

/** What one read of a socket found. JavaScript sees the same memory as typed arrays: src/received.ts. */
struct received {
	uint32_t count;
	uint32_t overrun;   // the kernel reported ENOBUFS, and there are no datagrams: those before the hole come next
	uint32_t drained;   // the queue was empty, and so is this
	uint32_t truncated; // datagrams longer than a slot, which are left out
	uint32_t starts[RECEIVE_BATCH];
	uint32_t ends[RECEIVE_BATCH];
	uint32_t port_ids[RECEIVE_BATCH];
	uint32_t groups[RECEIVE_BATCH];
	int32_t pids[RECEIVE_BATCH]; // -1: no credentials came
	uint32_t uids[RECEIVE_BATCH];
};

/** Bytes of the headers with which a batch is read. */
size_t receive_headers_size(void);

/**
 * Reads up to RECEIVE_BATCH datagrams into the slots of `slab`, without blocking.
 * Returns 0, or -errno for what is neither an empty queue nor an overrun.
 *
 * The kernel itself writes into `headers` how long each datagram is, in the call that takes it out of the socket. Where headers and slab are
 * in memory that outlives the process, whoever is killed, at whatever moment, leaves there what it had read last: until it asks for more.
 */
int receive_batch(int fd, void *headers, uint8_t *slab, size_t slab_size, struct received *received);

/** Fills in `received` what the last read of whoever had this memory found: what is not plausible is left out. */
void receive_left(void *headers, size_t slab_size, struct received *received);

#endif
