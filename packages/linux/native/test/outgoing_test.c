#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../core/failed_set.h"
#include "../core/outgoing.h"
#include "check.h"

#define ARENA_SIZE 4096
#define GARBAGE 512

static uint8_t *new_bytes(size_t size) // from the heap: the sanitizer sees its ends
{
	uint8_t *bytes = malloc(size);
	CHECK(bytes != NULL);
	memset(bytes, 'a', size);
	return bytes;
}

static void a_number_is_appended_in_digits(struct arena arena)
{
	const struct { double number; const char *digits; } table[] = {
		{ 0, "0" }, { 7, "7" }, { 4294967296.0, "4294967296" }, { 9007199254740991.0, "9007199254740991" },
		{ 9223372036854774784.0, "9223372036854774784" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct outgoing item = { .ledger = -1, .start = HEAD_ROOM, .length = 3, .number = table[i].number };
		CHECK(outgoing_finish(arena, &item) == 3 + strlen(table[i].digits) + 1);
		CHECK(strcmp((char *)arena.bytes + HEAD_ROOM + 3, table[i].digits) == 0);
	}
}

static void what_is_no_number_is_not_appended(struct arena arena)
{
	const double numbers[] = { -1, -0.5, NAN, -INFINITY, INFINITY, 0x1p63 };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct outgoing item = { .ledger = -1, .start = HEAD_ROOM, .length = 3, .number = numbers[i] };
		CHECK(outgoing_finish(arena, &item) == 3);
	}
}

static void nothing_outside_of_the_arena_is_sent(struct arena arena)
{
	const struct outgoing outside[] = {
		{ .start = 0, .length = 1 },
		{ .start = HEAD_ROOM + 1, .length = 1 },
		{ .start = HEAD_ROOM, .length = 0, .number = -1 },
		{ .start = HEAD_ROOM, .length = ARENA_SIZE },
		{ .start = HEAD_ROOM, .length = UINT32_MAX },
		{ .start = UINT32_MAX - 3, .length = 8 },
		{ .start = ARENA_SIZE - TAIL_ROOM, .length = 1 },
	};
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
		struct outgoing item = outside[i];
		item.fd = -1;
		CHECK(send_all(arena, (struct ledgers){ 0 }, &item, 1) == 1 && item.result == -EINVAL);
	}
}

static void garbage_fails_and_harms_nobody(struct arena arena)
{
	struct outgoing *table = (struct outgoing *)new_bytes(GARBAGE * sizeof *table);
	srand(1);
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < GARBAGE * sizeof *table; i++)
			((uint8_t *)table)[i] = (uint8_t)rand();
		for (int i = 0; i < GARBAGE; i++) {
			table[i].fd = rand() % 2 ? -1 : (1 << 20) + rand() % 1000; // never one of ours
			table[i].start %= 2 * ARENA_SIZE;
			table[i].length %= ARENA_SIZE;
			table[i].kind %= 2;
		}
		CHECK(send_all(arena, (struct ledgers){ 0 }, table, GARBAGE) == GARBAGE);
	}
	free(table);
}

static void after_a_failure_the_peer_gets_no_more(struct arena arena)
{
	int pair[2];
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0);
	int buffer = 4096;
	CHECK(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer) == 0);
	struct outgoing table[3];
	const uint32_t lengths[] = { 2, ARENA_SIZE - HEAD_ROOM - TAIL_ROOM, 2 };
	for (int i = 0; i < 3; i++)
		table[i] = (struct outgoing){ .fd = pair[0], .start = HEAD_ROOM, .length = lengths[i], .number = -1 };
	table[1].fd = -1;
	CHECK(send_all(arena, (struct ledgers){ 0 }, table, 3) == 1 && table[1].result == -EBADF && table[2].result == 0);
	close(pair[1]);
	CHECK(send_all(arena, (struct ledgers){ 0 }, table, 3) == 3 && table[0].result == -ECONNREFUSED && table[2].result == -EAGAIN);
	close(pair[0]);
}

static void a_set_of_descriptors_grows(void)
{
	struct failed_set set = { 0 };
	CHECK(!failed_set_has(&set, 0) && !failed_set_has(&set, -1));
	for (int fd = 0; fd < 5000; fd += 7)
		CHECK(failed_set_add(&set, fd) == 0);
	for (int fd = 0; fd < 6000; fd++)
		CHECK(failed_set_has(&set, fd) == (fd < 5000 && fd % 7 == 0));
	CHECK(failed_set_add(&set, -5) == 0 && !failed_set_has(&set, -5));
	failed_set_free(&set);
}

void test_outgoing(void)
{
	struct arena arena = { .bytes = new_bytes(ARENA_SIZE), .size = ARENA_SIZE };
	a_number_is_appended_in_digits(arena);
	what_is_no_number_is_not_appended(arena);
	nothing_outside_of_the_arena_is_sent(arena);
	garbage_fails_and_harms_nobody(arena);
	after_a_failure_the_peer_gets_no_more(arena);
	a_set_of_descriptors_grows();
	CHECK(send_all(arena, (struct ledgers){ 0 }, NULL, 0) == 0);
	free(arena.bytes);
}
