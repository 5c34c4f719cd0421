// decode FILE: finds ACTION, DEVPATH and SUBSYSTEM of recorded datagrams, so many times as it is asked.
#include "datagrams.h"
#include "uevent.h"
#include "worker.h"

static uint64_t decode_all(const struct datagrams *all)
{
	uint64_t letters = 0;
	struct uevent event;
	for (uint32_t i = 0; i < all->count; i++)
		if (uevent_parse(all->file + all->starts[i], all->lengths[i], &event))
			letters += event.action.length + event.devpath.length + event.subsystem.length;
	return letters;
}

int main(int argc, char **argv)
{
	struct datagrams all = datagrams_load(argc > 1 ? argv[1] : "");
	uint32_t passes;
	worker_ready();
	while (worker_next(&passes)) {
		struct mark start = mark_now();
		uint64_t letters = 0;
		for (uint32_t i = 0; i < passes; i++)
			letters += decode_all(&all);
		worker_answer(start, (uint64_t)passes * all.count, letters, NULL);
	}
}
