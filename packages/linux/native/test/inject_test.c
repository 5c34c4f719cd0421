#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../core/inject.h"
#include "../core/receive.h"
#include "../core/uevent_socket.h"
#include "check.h"

#define EVENT "add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=x"
#define STEP 2304 // room for the longest
#define COUNT 40
#define SKIPPED 77

static uint8_t slab[RECEIVE_BATCH * 4096];
static struct received received;
static _Alignas(8) uint8_t headers[16384];

static struct arena new_arena(void)
{
	struct arena arena = { .size = COUNT * STEP };
	arena.bytes = malloc(arena.size);
	CHECK(arena.bytes != NULL);
	memset(arena.bytes, 'x', arena.size);
	return arena;
}

static struct outgoing new_event(struct arena arena, int fd, uint32_t index, uint32_t length)
{
	struct outgoing item = {
		.fd = fd,
		.kind = PEER_UEVENT,
		.start = index * STEP + HEAD_ROOM,
		.length = length,
		.number = -1,
		.pid = getpid(),
	};
	memcpy(arena.bytes + item.start, EVENT, sizeof EVENT);
	arena.bytes[item.start + length - 1] = '\0';
	return item;
}

static void events_arrive_in_order(struct arena arena, int injector, int listener)
{
	struct outgoing table[COUNT];
	for (uint32_t i = 0; i < COUNT; i++)
		table[i] = new_event(arena, injector, i, sizeof EVENT + i + 1);
	CHECK(send_all(arena, (struct ledgers){ 0 }, table, COUNT) == 0);
	CHECK(receive_batch(listener, headers, slab, sizeof slab, &received) == 0);
	CHECK(received.count == COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		const char *event = (char *)slab + received.starts[i];
		CHECK(received.ends[i] - received.starts[i] > sizeof EVENT + i + 1);
		CHECK(memcmp(event, EVENT, sizeof EVENT) == 0);
		CHECK(memcmp(event + sizeof EVENT + i + 1, "SEQNUM=", 7) == 0);
		CHECK(received.port_ids[i] == 0 && received.groups[i] == 1 && received.pids[i] == getpid());
	}
}

static void one_that_is_too_long_stops_what_follows(struct arena arena, int injector, int listener)
{
	struct outgoing table[4];
	const uint32_t lengths[] = { 100, UEVENT_MESSAGE_MAX, 100, 2004 };
	for (uint32_t i = 0; i < 4; i++)
		table[i] = new_event(arena, injector, i, lengths[i]);
	CHECK(send_all(arena, (struct ledgers){ 0 }, table, 4) == 3);
	CHECK(table[0].result == 0 && table[1].result == -EINVAL && table[2].result == -EAGAIN && table[3].result == -EAGAIN);
	CHECK(send_all(arena, (struct ledgers){ 0 }, table + 3, 1) == 0);
	CHECK(receive_batch(listener, headers, slab, sizeof slab, &received) == 0 && received.count == 2);
}

static void what_is_said_to_a_group_is_heard_as_it_is(struct arena arena, int listener)
{
	int group = uevent_group_open(2);
	int udev = uevent_socket_open(2, 1 << 20);
	struct outgoing item = new_event(arena, group, 0, 300);
	item.kind = PEER_GROUP;
	CHECK(group >= 0 && udev >= 0);
	CHECK(send_all(arena, (struct ledgers){ 0 }, &item, 1) == 0);
	CHECK(receive_batch(udev, headers, slab, sizeof slab, &received) == 0 && received.count == 1);
	CHECK(received.ends[0] - received.starts[0] == 300);
	CHECK(memcmp(slab + received.starts[0], arena.bytes + item.start, 300) == 0);
	CHECK(received.groups[0] == 2 && received.port_ids[0] != 0 && received.pids[0] == getpid());
	CHECK(receive_batch(listener, headers, slab, sizeof slab, &received) == 0 && received.count == 0);
	close(udev);
	CHECK(send_all(arena, (struct ledgers){ 0 }, &item, 1) == 0); // nobody listens
	close(group);
}

static void inside(void)
{
	struct arena arena = new_arena();
	int injector = uevent_injector_open();
	int listener = uevent_socket_open(1, 1 << 20);
	CHECK(injector >= 0 && listener >= 0 && socket_receive_buffer(listener) > 0);
	events_arrive_in_order(arena, injector, listener);
	one_that_is_too_long_stops_what_follows(arena, injector, listener);
	what_is_said_to_a_group_is_heard_as_it_is(arena, listener);
	free(arena.bytes);
	close(injector);
	close(listener);
}

static void write_file(const char *path, const char *format, unsigned id)
{
	char text[64];
	int length = snprintf(text, sizeof text, format, id);
	int file = open(path, O_WRONLY);
	CHECK(file >= 0 && write(file, text, (size_t)length) == length);
	close(file);
}

static int enter_namespaces(void)
{
	unsigned uid = geteuid(), gid = getegid();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return 0;
	write_file("/proc/self/setgroups", "deny", 0);
	write_file("/proc/self/uid_map", "0 %u 1", uid);
	write_file("/proc/self/gid_map", "0 %u 1", gid);
	return 1;
}

// In a namespace of its own, since what is injected is said to all of the machine's programs otherwise.
static void in_a_namespace(void)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		if (!enter_namespaces())
			_exit(SKIPPED);
		inside();
		exit(0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		printf("skipped: real injection needs user namespaces\n");
	else
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void what_is_no_netlink_socket_harms_nobody(void)
{
	int pair[2];
	struct arena arena = new_arena();
	struct outgoing table[COUNT];
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0);
	for (int i = 0; i < 3; i++)
		CHECK(send(pair[1], arena.bytes, (size_t)(i * 20), 0) >= 0); // not to be taken for answers
	for (uint32_t i = 0; i < COUNT; i++)
		table[i] = new_event(arena, pair[0], i, 100);
	CHECK(send_all(arena, (struct ledgers){ 0 }, table, COUNT) >= 0);
	for (uint32_t i = 0; i < COUNT; i++)
		CHECK(table[i].result == 0 || table[i].result == -EAGAIN); // what is no answer says nothing
	close(pair[0]);
	close(pair[1]);
	free(arena.bytes);
}

void test_inject(void)
{
	fflush(stdout);
	in_a_namespace();
	what_is_no_netlink_socket_harms_nobody();
}
