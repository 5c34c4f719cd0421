// inject_by_exec HELPER PID FILE: the same as `inject` as container managers do it today: for each event a child process that
// becomes a helper, which enters the namespaces, says the event and ends.
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "datagrams.h"
#include "worker.h"

#define ARGUMENTS 64

static void pass_on(char *helper, char *pid, const uint8_t *payload, uint32_t length)
{
	char *arguments[ARGUMENTS] = { helper, pid };
	uint32_t count = 2;
	for (uint32_t at = 0; at < length && count < ARGUMENTS - 1; at += (uint32_t)strlen((const char *)payload + at) + 1)
		arguments[count++] = (char *)payload + at;
	execv(helper, arguments);
	_exit(127);
}

static void inject_one(char **argv, const uint8_t *payload, uint32_t length)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		pass_on(argv[1], argv[2], payload, length);
	if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
		fail("helper");
}

int main(int argc, char **argv)
{
	uint32_t wanted;
	struct datagrams all = datagrams_load(argc > 3 ? argv[3] : "");
	worker_ready();
	while (worker_next(&wanted)) {
		struct mark start = mark_now();
		for (uint32_t i = 0; i < wanted; i++)
			inject_one(argv, all.file + all.starts[i % all.count], all.lengths[i % all.count]);
		worker_answer(start, wanted, 0, NULL);
	}
}
