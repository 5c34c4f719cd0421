// What the hand does in a directory: all but HAND_OPEN.
#ifndef UB_HAND_WORK_H
#define UB_HAND_WORK_H

#include "hand.h"

/** Carries out an order with the directories that came with it. A descriptor (HAND_LIST), 0 or -errno. */
int hand_work(const int *fds, const struct hand_order *order, struct hand_answer *answer);

#endif
