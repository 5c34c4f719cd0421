#ifndef UB_MULTICAST_H
#define UB_MULTICAST_H

#include "outgoing.h"

/** Says the item to the group that its socket is connected to. Returns 0, also if nobody listens, or -errno. */
int multicast(struct arena arena, struct ledgers ledgers, const struct outgoing *item);

#endif
