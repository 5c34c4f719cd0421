#include "worker.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

static uint64_t ns_of(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_ns(void)
{
	return ns_of(CLOCK_MONOTONIC);
}

static uint64_t ns_of_timeval(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

static uint64_t children_ns(void)
{
	struct rusage children;
	getrusage(RUSAGE_CHILDREN, &children);
	return ns_of_timeval(children.ru_utime) + ns_of_timeval(children.ru_stime);
}

struct mark mark_now(void)
{
	return (struct mark){ .clock = clock_ns(), .cpu = ns_of(CLOCK_PROCESS_CPUTIME_ID) + children_ns() };
}

void worker_ready(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN); // of the terminal: whoever started it ends it
	puts("ready");
	fflush(stdout);
}

int worker_next(uint32_t *count)
{
	return scanf("%" SCNu32, count) == 1;
}

void worker_answer(struct mark start, uint64_t count, uint64_t bytes, const uint64_t *times)
{
	struct mark end = mark_now();
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, start.clock, start.cpu, end.clock, end.cpu);
	printf(" %" PRIu64 " %" PRIu64, count, bytes);
	for (uint64_t i = 0; times != NULL && i < count; i++)
		printf(" %" PRIu64, times[i]);
	putchar('\n');
	fflush(stdout);
}

void fail(const char *what)
{
	perror(what);
	exit(1);
}
