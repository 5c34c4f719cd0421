// restless DIRECTORY: a listener that is another one all the time, and never reads: a socket is bound there, renamed and unlinked,
// about a thousand times in a second, until it is asked how often, or stdin ends.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "worker.h"

#define PAUSE_MS 1

static void come_and_go(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "restless.sock" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		fail(address.sun_path);
	if (rename(address.sun_path, "again.sock") < 0 || unlink("again.sock") < 0)
		fail("again.sock");
	close(fd);
}

int main(int argc, char **argv)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	uint32_t asked;
	uint64_t count = 0;
	if (argc != 2 || chdir(argv[1]) < 0)
		return 2;
	worker_ready();
	struct mark start = mark_now();
	for (; poll(&input, 1, PAUSE_MS) == 0; count++)
		come_and_go();
	if (worker_next(&asked))
		worker_answer(start, count, 0, NULL);
}
