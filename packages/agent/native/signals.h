#ifndef UA_SIGNALS_H
#define UA_SIGNALS_H

#include <signal.h>
#include <stdint.h>

#define SIGNAL_BIT(number) (1ul << ((number)-1))
#define SIGNALS_TO_END (SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGHUP))

/**
 * Blocks every signal, so that a call is never cut short, and opens a descriptor that reads those of `wanted`.
 * `before` is the mask to give a program that is started. Says what went wrong, and returns a status.
 */
int signals_open(int *fd, uint64_t wanted, uint64_t *before);

/** The next one that came, or 0. */
int signals_next(int fd);

/** The same, and the pid of who sent it: 0 for the kernel, as for a terminal. */
int signals_next_from(int fd, long *sender);

/** Waits so long, while signals are blocked. One that is told to end meanwhile ends at once, with 0. */
void signals_pause(long ms);

void signals_restore(uint64_t before);

/** From now on a call that waits is cut short, with -EINTR, after so many milliseconds and again after as many; 0: not any more. */
void signals_cut_short(long ms);

/** Milliseconds of a clock that nobody sets. */
long clock_ms(void);

#endif
