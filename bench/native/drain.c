// drain PID: reads uevents in the network namespace of a process, as fast as they come.
#include <poll.h>
#include <stdlib.h>

#include "batch.h"
#include "netns.h"
#include "worker.h"

#define PATIENCE_MS 2000 // then what is missing does not come any more

static int wait_for_more(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	return poll(&poller, 1, PATIENCE_MS) > 0;
}

static void drain(struct batch *batch, int fd, uint32_t wanted)
{
	struct mark start = mark_now();
	uint64_t count = 0, bytes = 0;
	while (count < wanted) {
		int received = batch_receive(batch, fd, wanted - (uint32_t)count, MSG_DONTWAIT);
		for (int i = 0; i < received; i++)
			if (batch_trusts(batch, i))
				bytes += batch_length(batch, i);
		count += (uint64_t)received;
		if (received == 0 && !wait_for_more(fd))
			break;
	}
	worker_answer(start, count, bytes, NULL);
}

int main(int argc, char **argv)
{
	static struct batch batch;
	uint32_t wanted;
	int fd = netns_listen(argc > 1 ? atoi(argv[1]) : 0);
	batch_prepare(&batch);
	worker_ready();
	while (worker_next(&wanted))
		drain(&batch, fd, wanted);
}
