// inject PID FILE AT-ONCE [RATE]: puts recorded events into the network namespace of a process, AT-ONCE with each call of the
// system. With a RATE they come one by one, so many in a second, and it answers when each began.
#include <stdlib.h>
#include <time.h>

#include "datagrams.h"
#include "injector.h"
#include "netns.h"
#include "worker.h"

#define SECOND 1000000000u // ns

static void wait_until(uint64_t clock)
{
	struct timespec then = { .tv_sec = (time_t)(clock / SECOND), .tv_nsec = (long)(clock % SECOND) };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL) != 0)
		;
}

static void inject(struct injector *injector, const struct datagrams *all, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t which = (first + i) % all->count;
		injector_put(injector, i, all->file + all->starts[which], all->lengths[which]);
	}
	injector_send(injector, count);
}

static void inject_at_once(struct injector *injector, const struct datagrams *all, uint32_t wanted, uint32_t at_once)
{
	struct mark start = mark_now();
	for (uint32_t done = 0, count; done < wanted; done += count) {
		count = wanted - done < at_once ? wanted - done : at_once;
		inject(injector, all, done, count);
	}
	worker_answer(start, wanted, 0, NULL);
}

static void inject_evenly(struct injector *injector, const struct datagrams *all, uint32_t wanted, uint32_t rate)
{
	struct mark start = mark_now();
	uint64_t *times = calloc(wanted, sizeof *times);
	for (uint32_t i = 0; i < wanted; i++) {
		wait_until(start.clock + (uint64_t)(i + 1) * (SECOND / rate));
		times[i] = clock_ns();
		inject(injector, all, i, 1);
	}
	worker_answer(start, wanted, 0, times);
	free(times);
}

int main(int argc, char **argv)
{
	static struct injector injector;
	uint32_t wanted;
	if (argc < 4)
		return 2;
	struct datagrams all = datagrams_load(argv[2]);
	netns_enter(atoi(argv[1]));
	injector_open(&injector);
	worker_ready();
	while (worker_next(&wanted))
		if (argc > 4)
			inject_evenly(&injector, &all, wanted, (uint32_t)atoi(argv[4]));
		else
			inject_at_once(&injector, &all, wanted, (uint32_t)atoi(argv[3]));
}
