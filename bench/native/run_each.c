// run_each PROGRAM ARGUMENT … -- PROGRAM ARGUMENT …: runs all of these programs, one after the other, as often as it is told to.
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "worker.h"

extern char **environ;

static void run(char **command)
{
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0); // stdin and stdout are whose they are that asks
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	pid_t pid;
	int status;
	if (posix_spawnp(&pid, command[0], &actions, NULL, command, environ) != 0)
		fail(command[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		fail(command[0]);
	posix_spawn_file_actions_destroy(&actions);
}

static void run_all(char **commands, int count)
{
	for (int i = 0; i < count; i++)
		if (i == 0 || commands[i - 1] == NULL)
			run(commands + i);
}

int main(int argc, char **argv)
{
	uint32_t wanted;
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			argv[i] = NULL;
	worker_ready();
	while (worker_next(&wanted)) {
		struct mark start = mark_now();
		for (uint32_t i = 0; i < wanted; i++)
			run_all(argv + 1, argc - 1);
		worker_answer(start, wanted, 0, NULL);
	}
}
