#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../core/detached.h"
#include "check.h"

#define ALONE 64999 // a user who has no other process: those of one user count together
#define PATIENCE_MS 5000

static void *end(void *context)
{
	(void)context;
	return NULL;
}

/** For a process that says its number and ends when the other end of `until` is closed. */
struct talk {
	int until, say;
};

static void *talk(void *context)
{
	const struct talk *ends = context;
	int pid = getpid();
	char byte;
	ssize_t count = write(ends->say, &pid, sizeof pid);
	return count < 0 || read(ends->until, &byte, 1) < 0 ? context : NULL;
}

// One that works apart is known by its number until it has ended, and is waited for.
static void is_known_until_it_ends(void)
{
	int until[2], say[2], pid;
	CHECK(pipe(until) == 0 && pipe(say) == 0);
	struct talk ends = { .until = until[0], .say = say[1] };
	CHECK(detached_start_apart(talk, &ends, (int[]){ until[0], say[1] }, 2) == 0);
	CHECK(read(say[0], &pid, sizeof pid) == sizeof pid);
	CHECK(detached_has(pid) && kill(pid, 0) == 0);
	close(until[1]);
	close(say[0]);
	for (int ms = 0; ms < PATIENCE_MS && kill(pid, 0) == 0; ms++)
		usleep(1000);
	CHECK(!detached_has(pid));
	CHECK(kill(pid, 0) < 0 && errno == ESRCH);
}

// May have one process or thread beside itself.
static int make_little_room(void)
{
	const struct rlimit two = { .rlim_cur = 2, .rlim_max = 2 };
	if (setresgid(ALONE, ALONE, ALONE) < 0 || setresuid(ALONE, ALONE, ALONE) < 0)
		return -errno;
	return setrlimit(RLIMIT_NPROC, &two) < 0 ? -errno : 0;
}

// Where there is room for the process, and none for whoever would wait for it, it is not made.
static void nobody_is_left_unwaited(void)
{
	int child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		if (make_little_room() < 0)
			_exit(2);
		int error = detached_start_apart(end, NULL, NULL, 0);
		_exit(error == -EAGAIN && waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? 0 : 1);
	}
	int status;
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == (geteuid() == 0 ? 0 : 2));
}

void test_detached(void)
{
	is_known_until_it_ends();
	nobody_is_left_unwaited();
}
