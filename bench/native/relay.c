// relay PID RULES (CONTAINER SOCKET)…: the relay's work in C. It hears uevents in the network namespace of a process, finds
// the containers whose rules cover a device, and sends each listener the event with a number of the listener's own.
#include <poll.h>
#include <stdlib.h>

#include "batch.h"
#include "netns.h"
#include "outlet.h"
#include "rules.h"
#include "uevent.h"
#include "worker.h"

#define LISTENERS 16
#define PATIENCE_MS 5000

struct container {
	struct outlet *outlet; // NULL: nobody listens there
	uint64_t told;         // the last event that it was told: two rules may cover it
};

struct relay {
	int fd;
	struct rules rules;
	struct container *containers;
	struct pollfd polls[1 + LISTENERS];
	struct outlet *outlets[LISTENERS];
	uint32_t listeners;
	uint64_t events;
	struct batch batch;
};

static void tell(struct relay *relay, const struct rule *rule, uint8_t *bytes, uint32_t number_start)
{
	for (; rule != NULL; rule = rule->next) {
		struct container *container = &relay->containers[rule->container];
		if (container->told == relay->events || container->outlet == NULL)
			continue;
		container->told = relay->events;
		outlet_tell(container->outlet, bytes, number_start);
	}
}

// A rule covers what lies below it: each beginning of the path up to a slash is looked up.
static void route(struct relay *relay, struct part path, uint8_t *bytes, uint32_t number_start)
{
	uint64_t hash = HASH_START;
	for (uint32_t i = 0; i <= path.length; i++) {
		if (i > 0 && (i == path.length || path.start[i] == '/'))
			tell(relay, rules_find(&relay->rules, hash, path.start, i), bytes, number_start);
		hash = hash_add(hash, path.start[i]);
	}
}

static void handle(struct relay *relay, uint8_t *bytes, uint32_t length)
{
	struct uevent event;
	uint32_t number_start = uevent_number_start(bytes, length);
	relay->events++;
	if (number_start > 0 && uevent_parse(bytes, length, &event))
		route(relay, event.devpath, bytes, number_start);
}

// True if a listener is behind: then what it takes decides when to go on.
static int someone_waits(struct relay *relay)
{
	int waits = 0;
	for (uint32_t i = 0; i < relay->listeners; i++) {
		relay->polls[1 + i].events = relay->outlets[i]->count > 0 ? POLLOUT : 0;
		waits |= relay->outlets[i]->count > 0;
	}
	return waits;
}

static void wait_for_listeners(struct relay *relay, int also_events)
{
	relay->polls[0].events = also_events ? POLLIN : 0;
	if (poll(relay->polls, 1 + relay->listeners, PATIENCE_MS) <= 0)
		fail("a listener does not read");
	for (uint32_t i = 0; i < relay->listeners; i++)
		if (relay->polls[1 + i].revents != 0)
			outlet_flush(relay->outlets[i]);
}

static uint32_t receive(struct relay *relay, uint32_t limit, int flags)
{
	int count = batch_receive(&relay->batch, relay->fd, limit, flags);
	for (int i = 0; i < count; i++)
		if (batch_trusts(&relay->batch, i))
			handle(relay, batch_bytes(&relay->batch, i), batch_length(&relay->batch, i));
	return (uint32_t)count;
}

static void run(struct relay *relay, uint32_t wanted)
{
	struct mark start = mark_now();
	uint32_t count = 0;
	while (count < wanted) {
		int waits = someone_waits(relay);
		if (waits)
			wait_for_listeners(relay, 1);
		count += receive(relay, wanted - count, waits ? MSG_DONTWAIT : MSG_WAITFORONE);
	}
	while (someone_waits(relay))
		wait_for_listeners(relay, 0);
	worker_answer(start, count, 0, NULL);
}

static void open_listener(struct relay *relay, uint32_t container, const char *path)
{
	struct outlet *outlet = outlet_open(path);
	relay->containers[container].outlet = outlet;
	relay->outlets[relay->listeners++] = outlet;
	relay->polls[relay->listeners] = (struct pollfd){ .fd = outlet->fd };
}

int main(int argc, char **argv)
{
	static struct relay relay;
	uint32_t wanted;
	relay.fd = netns_listen(argc > 1 ? atoi(argv[1]) : 0);
	relay.polls[0] = (struct pollfd){ .fd = relay.fd };
	relay.rules = rules_load(argc > 2 ? argv[2] : "");
	relay.containers = calloc(relay.rules.containers, sizeof *relay.containers);
	for (int i = 3; i + 1 < argc && relay.listeners < LISTENERS; i += 2)
		open_listener(&relay, (uint32_t)atoi(argv[i]), argv[i + 1]);
	batch_prepare(&relay.batch);
	worker_ready();
	while (worker_next(&wanted))
		run(&relay, wanted);
}
