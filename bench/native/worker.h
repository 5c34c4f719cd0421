// What every program here has in common: it reads how many from stdin, does so many, and answers with one line.
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stdint.h>

/** A moment, in ns: on the clock that all processes share, and of processor time, this process's and its children's. */
struct mark {
	uint64_t clock;
	uint64_t cpu;
};

uint64_t clock_ns(void);
struct mark mark_now(void);

/** Says that the program may be asked. It ends with its parent. */
void worker_ready(void);

/** Waits for the next command. False at the end of stdin, which ends the program. */
int worker_next(uint32_t *count);

/** `clock cpu clock cpu count bytes`, and the times of each if there are some. */
void worker_answer(struct mark start, uint64_t count, uint64_t bytes, const uint64_t *times);

/** Ends the program with the system's reason. */
_Noreturn void fail(const char *what);

#endif
