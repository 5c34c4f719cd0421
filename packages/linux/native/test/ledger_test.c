#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../core/ledger.h"
#include "../core/outgoing.h"
#include "check.h"

#define SIZE (8 << 20)
#define ARENA_SIZE 4096
#define KILLS 40
#define SENT_AT_MOST 60000
#define SENT_BYTES (sizeof(struct ledger_block) + sizeof(struct ledger_mark) + sizeof(struct mmsghdr))

static struct ledger open_new(uint32_t size)
{
	struct ledger ledger;
	int file = memfd_create("ledger", MFD_CLOEXEC);
	CHECK(file >= 0 && ftruncate(file, size) == 0 && ledger_map(file, size, &ledger) == 0);
	close(file);
	ledger_begin(&ledger, 1);
	return ledger;
}

static const struct ledger_header *header_of(const struct ledger *ledger)
{
	return (const struct ledger_header *)ledger->bytes;
}

static void what_has_no_room_spoils_it(void)
{
	struct ledger ledger = open_new(256);
	uint8_t record[256] = { 0 };
	const struct ledger_mark mark = { 0 };
	CHECK(ledger_write(&ledger, record, 256 - sizeof(struct ledger_header) - sizeof(struct ledger_block)) == 0);
	CHECK(ledger_room(&ledger) == 0 && header_of(&ledger)->generation == 1);
	CHECK(ledger_send(&ledger, &mark, 1) == NULL && header_of(&ledger)->generation == LEDGER_SPOILT);
	CHECK(ledger_write(&ledger, record, 0) == -ENOSPC);
	ledger_begin(&ledger, 2);
	CHECK(ledger_send(&ledger, &mark, 1) != NULL);
	CHECK(ledger_write(&ledger, record, UINT32_MAX) == -ENOSPC);
	ledger_unmap(&ledger);
}

static void nothing_that_is_in_the_file_is_trusted(void)
{
	struct ledger ledger = open_new(256);
	const uint32_t ends[] = { 0, 8, 17, 250, 264, UINT32_MAX };
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		ledger_begin(&ledger, 1);
		((struct ledger_header *)ledger.bytes)->end = ends[i];
		CHECK(ledger_write(&ledger, "", 1) == -ENOSPC);
	}
	ledger_unmap(&ledger);
}

// Until it is killed.
static void send_all_the_time(int fd, struct ledger *ledger)
{
	struct arena arena = { .bytes = malloc(ARENA_SIZE), .size = ARENA_SIZE };
	struct ledgers ledgers = { .all = ledger, .count = 1 };
	memset(arena.bytes, 'a', ARENA_SIZE);
	for (uint32_t i = 0; i < SENT_AT_MOST; i++) {
		struct outgoing item = { .fd = fd, .start = HEAD_ROOM, .length = 8, .number = -1, .mark = { .seq = i } };
		while (send_all(arena, ledgers, &item, 1) != 0)
			usleep(1); // it is full, and it has been written down that it would be sent
	}
	_exit(0);
}

static uint32_t count_sent(const struct ledger *ledger)
{
	uint32_t count = 0;
	for (uint32_t at = sizeof(struct ledger_header); at < header_of(ledger)->end; at += SENT_BYTES) {
		const uint8_t *content = ledger->bytes + at + sizeof(struct ledger_block);
		const struct mmsghdr *header = (const struct mmsghdr *)(content + sizeof(struct ledger_mark));
		count += header->msg_len != 0;
	}
	return count;
}

// Reads all that comes until the sender is dead, and counts it.
static uint32_t count_received(int fd, pid_t sender)
{
	uint32_t count = 0;
	char bytes[16];
	for (int is_dead = 0;;) {
		if (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
			count++;
		else if (is_dead)
			return count;
		else
			is_dead = waitpid(sender, NULL, WNOHANG) == sender;
	}
}

static void who_is_killed_has_sent_exactly_what_it_says(void)
{
	int in_the_middle = 0;
	for (int i = 0; i < KILLS; i++) {
		struct ledger ledger = open_new(SIZE);
		int pair[2];
		CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0);
		pid_t sender = fork(), killer;
		if (sender == 0)
			send_all_the_time(pair[0], &ledger);
		if ((killer = fork()) == 0) {
			usleep((useconds_t)(i * 500));
			kill(sender, SIGKILL);
			_exit(0);
		}
		uint32_t received = count_received(pair[1], sender);
		waitpid(killer, NULL, 0);
		CHECK(header_of(&ledger)->generation == 1 && count_sent(&ledger) == received);
		in_the_middle += received > 0 && received < SENT_AT_MOST;
		close(pair[0]);
		close(pair[1]);
		ledger_unmap(&ledger);
	}
	CHECK(in_the_middle > KILLS / 2);
}

void test_ledger(void)
{
	what_has_no_room_spoils_it();
	nothing_that_is_in_the_file_is_trusted();
	who_is_killed_has_sent_exactly_what_it_says();
}
