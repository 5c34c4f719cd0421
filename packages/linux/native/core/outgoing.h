#ifndef UB_OUTGOING_H
#define UB_OUTGOING_H

#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

/** Room that the arena leaves before each datagram (for an nlmsghdr) and after it (for a number and a NUL). */
#define HEAD_ROOM 16
#define TAIL_ROOM 24

/** Datagrams to one peer in one call. */
#define RUN_MAX 16

enum peer_kind { PEER_UNIX = 0, PEER_UEVENT = 1, PEER_GROUP = 2 };

/** A datagram on its way to one peer. JavaScript writes these: src/outgoing.ts. */
struct outgoing {
	int32_t fd;
	uint32_t kind;
	uint32_t start; // of the datagram in the arena
	uint32_t length;
	double number; // appended as decimal digits and a NUL; negative: none
	uint32_t uid;  // whom a netlink message claims to be from
	uint32_t gid;
	int32_t result; // 0 or -errno; -EAGAIN also where an earlier one to the same peer failed
	int32_t pid;    // the process itself, whom it claims to be too
	int32_t ledger; // that says when it has been sent; -1: none
	uint32_t reserved;
	struct ledger_mark mark;
};

struct arena {
	uint8_t *bytes;
	size_t size;
};

/** By their numbers. */
struct ledgers {
	struct ledger *all;
	uint32_t count;
};

/** Sends all, in order, never blocking. Returns how many failed, or -errno if none was tried. */
int send_all(struct arena arena, struct ledgers ledgers, struct outgoing *table, uint32_t count);

/** Headers for a run of one peer's, all zero: in the ledger that they are to be written down in, if there is one with room, else `own`. */
struct mmsghdr *outgoing_headers(struct ledgers ledgers, const struct outgoing *items, uint32_t count, struct mmsghdr *own);

/** Appends the number to the bytes in the arena. Returns the datagram's whole length. */
uint32_t outgoing_finish(struct arena arena, const struct outgoing *item);

/** True if the datagram and its rooms lie inside the arena and there is something to send. */
int outgoing_fits(struct arena arena, const struct outgoing *item);

#endif
