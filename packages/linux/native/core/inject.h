#ifndef UB_INJECT_H
#define UB_INJECT_H

#include "outgoing.h"

/** The kernel takes no more than this, with the `SEQNUM=N` that it appends and the header before it. */
#define UEVENT_MESSAGE_MAX 2048

/**
 * Puts the first item, and those behind it that go to the same socket, into a namespace's uevent group, and writes
 * each one's result from the kernel's answer. Returns how many items have a result now, at least 1.
 */
uint32_t inject_run(struct arena arena, struct ledgers ledgers, struct outgoing *items, uint32_t count);

#endif
