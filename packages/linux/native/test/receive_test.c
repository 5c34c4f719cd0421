#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../core/receive.h"
#include "check.h"

#define SLOT 64

static uint8_t slab[RECEIVE_BATCH * SLOT];
static struct received received;
static _Alignas(8) uint8_t headers[16384];

static void open_pair(int pair[2])
{
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) == 0);
}

static void receive_all(int fd)
{
	memset(&received, 0xff, sizeof received);
	CHECK(receive_batch(fd, headers, slab, sizeof slab, &received) == 0);
}

static void an_empty_queue_is_drained(int in)
{
	receive_all(in);
	CHECK(received.count == 0 && received.drained == 1 && received.overrun == 0 && received.truncated == 0);
}

static void more_than_a_batch_comes_in_two(int in, int out)
{
	for (uint8_t i = 0; i < RECEIVE_BATCH + 3; i++)
		CHECK(send(out, &i, 1, 0) == 1);
	receive_all(in);
	CHECK(received.count == RECEIVE_BATCH && received.drained == 0);
	for (uint32_t i = 0; i < received.count; i++)
		CHECK(received.ends[i] == received.starts[i] + 1 && slab[received.starts[i]] == i && received.pids[i] == -1);
	receive_all(in);
	CHECK(received.count == 3 && received.drained == 0 && slab[received.starts[2]] == RECEIVE_BATCH + 2);
	receive_all(in);
	CHECK(received.count == 0 && received.drained == 1);
}

static void what_is_longer_than_a_slot_is_left_out(int in, int out)
{
	char bytes[SLOT + 1];
	memset(bytes, 'x', sizeof bytes);
	CHECK(send(out, bytes, SLOT, 0) > 0 && send(out, bytes, SLOT + 1, 0) > 0 && send(out, "y", 1, 0) > 0);
	receive_all(in);
	CHECK(received.count == 2 && received.truncated == 1);
	CHECK(received.ends[0] - received.starts[0] == SLOT && slab[received.starts[1]] == 'y');
}

static void credentials_are_told(int in, int out)
{
	int on = 1;
	CHECK(setsockopt(in, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0 && send(out, "x", 1, 0) == 1);
	receive_all(in);
	CHECK(received.count == 1 && received.pids[0] == getpid() && received.uids[0] == getuid());
}

void test_receive(void)
{
	int pair[2];
	open_pair(pair);
	an_empty_queue_is_drained(pair[0]);
	more_than_a_batch_comes_in_two(pair[0], pair[1]);
	what_is_longer_than_a_slot_is_left_out(pair[0], pair[1]);
	credentials_are_told(pair[0], pair[1]);
	close(pair[0]);
	close(pair[1]);
	CHECK(receive_batch(-1, headers, slab, sizeof slab, &received) == -EBADF);
	CHECK(receive_batch(STDIN_FILENO, headers, slab, sizeof slab, &received) < 0);
}
