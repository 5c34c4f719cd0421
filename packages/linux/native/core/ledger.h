#ifndef UB_LEDGER_H
#define UB_LEDGER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/**
 * A file that says what has been sent, mapped: what is written into it outlives the process. It is a header and blocks, each of a multiple
 * of 8 bytes. In a block of kind LEDGER_SENT are `struct ledger_mark`s and then as many `struct mmsghdr`s, with which they are sent: the
 * kernel itself writes `msg_len` there, in the call that sends the datagram. Who is killed, at whatever moment, has sent exactly those
 * whose `msg_len` is not 0. src/ledger.ts reads it.
 */
struct ledger {
	uint8_t *bytes;
	uint32_t size;
};

struct ledger_header {
	uint32_t magic;
	uint32_t generation; // 0: it has not begun; LEDGER_SPOILT: more was sent than there was room to write it down
	uint32_t end;	     // of the blocks
	uint32_t reserved;
};

#define LEDGER_SPOILT UINT32_MAX

enum ledger_kind { LEDGER_RECORD = 1, LEDGER_SENT = 2 };

struct ledger_block {
	uint32_t kind;
	uint32_t length; // of what follows, without what fills it up
};

/** What one datagram is about. Numbers are JavaScript's. */
struct ledger_mark {
	double outlet;
	double seq;
	double note;
	double at;
};

/** Maps a file of `size` bytes, for which there is room: 0 or -errno. What it says stays. */
int ledger_map(int file, uint32_t size, struct ledger *ledger);
void ledger_unmap(struct ledger *ledger);

/** Says nothing any more, and is of another generation. */
void ledger_begin(struct ledger *ledger, uint32_t generation);

/** Bytes that it has room for. */
uint32_t ledger_room(const struct ledger *ledger);

/** Writes a record behind all: 0, or -ENOSPC, and then it is spoilt. */
int ledger_write(struct ledger *ledger, const void *bytes, uint32_t length);

/**
 * Writes down what is about to be sent. Returns the headers with which it is to be sent, all zero; NULL if there is no room, and then it is
 * spoilt: what is sent is written down again only after `ledger_begin`.
 */
struct mmsghdr *ledger_send(struct ledger *ledger, const struct ledger_mark *marks, uint32_t count);

#endif
