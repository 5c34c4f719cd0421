// Writes each event to stdout or to a program, in a form that can be split: its texts as they came, each with a NUL behind
// it, and one more NUL.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "commands.h"
#include "inbox.h"
#include "say.h"
#include "signals.h"
#include "spawn.h"
#include "sys.h"

#define GRACE_MS 1000 // that the program has to end by itself, once it is asked to
#define STDOUT 1

struct output {
	struct inbox inbox;
	int signals;
	int out;
	long pid; // 0 without a program
	size_t written, length; // of what waits in `memory`
	char memory[SLOT_SIZE];
};

/** A socket would be waited for, and signals with it; a pipe that has room takes any event at once. */
static long write_some(int fd, const char *bytes, size_t length)
{
	long written = SYS(sendto, fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	return written == -ENOTSOCK ? SYS(write, fd, bytes, length) : written;
}

/** Returns 0, or -EPIPE when nobody reads any more, or what else is wrong. */
static long write_waiting(struct output *output)
{
	long written = write_some(output->out, output->memory + output->written, output->length - output->written);
	if (written == -EAGAIN)
		return 0;
	if (written < 0)
		return written;
	output->written += (size_t)written;
	if (output->written == output->length)
		output->length = output->written = 0;
	return 0;
}

static void take_event(struct output *output)
{
	struct uevent event;
	if (!inbox_next(&output->inbox, &event, output->memory))
		return;
	output->memory[event.length] = '\0';
	output->length = event.length + 1;
}

/** The program's status once it has ended; -1 while it runs, and where there is none. Others' children may be ours too. */
static int reap(const struct output *output)
{
	for (;;) {
		int status = 0;
		long pid = SYS(wait4, -1, &status, WNOHANG, NULL);
		if (pid <= 0)
			return -1;
		if (pid == output->pid)
			return program_status(status);
	}
}

/** Until a signal comes. Returns it, or 0 if the time is over. */
static int await_signal(const struct output *output, long until)
{
	struct pollfd polled = { .fd = output->signals, .events = POLLIN };
	poll_until(&polled, 1, until);
	return signals_next(output->signals);
}

/** Has the program end, and is then done. */
static int end_by_signal(struct output *output)
{
	long until = clock_ms() + GRACE_MS;
	if (output->pid == 0)
		return 0;
	SYS(close, output->out);
	SYS(kill, output->pid, SIGTERM);
	while (clock_ms() < until && reap(output) < 0)
		await_signal(output, until);
	return 0;
}

/** Nobody reads: without a program that is the end. A program may go on without reading, and has a status in the end. */
static int end_without_reader(struct output *output)
{
	if (output->pid == 0)
		return 0;
	inbox_close(&output->inbox);
	SYS(close, output->out);
	for (;;) {
		int status = reap(output);
		if (status >= 0)
			return status;
		int number = await_signal(output, LONG_MAX);
		if (number != 0 && number != SIGCHLD)
			return end_by_signal(output);
	}
}

static int run(struct output *output)
{
	for (;;) {
		short wanted = output->length > 0 ? POLLOUT : 0;
		struct pollfd polled[] = { { .fd = output->signals, .events = POLLIN },
					   { .fd = output->out, .events = wanted },
					   { .fd = wanted ? -1 : output->inbox.own.fd, .events = POLLIN } };
		poll_until(polled, 3, LONG_MAX);
		int number = signals_next(output->signals);
		int status = number == SIGCHLD ? reap(output) : -1;
		if (status >= 0)
			return status;
		if (number != 0 && number != SIGCHLD)
			return end_by_signal(output);
		long error = wanted && polled[1].revents & POLLOUT ? write_waiting(output) : 0;
		if (error == -EPIPE || error == -ECONNRESET || polled[1].revents & (POLLERR | POLLHUP))
			return end_without_reader(output);
		if (error < 0)
			return say_failure("an event cannot be written", "", error, NULL);
		if (polled[2].revents != 0)
			take_event(output);
	}
}

/** Its stdin is a pipe. */
static long start_program(struct output *output, char **arguments, char **environment, uint64_t mask)
{
	int pipe[2];
	long error = SYS(pipe2, pipe, O_CLOEXEC);
	if (error < 0)
		return error;
	output->pid = process_fork();
	if (output->pid == 0) {
		SYS(dup3, pipe[0], 0, 0);
		signals_restore(mask);
		sys_exit(program_run(arguments, environment));
	}
	SYS(close, pipe[0]);
	output->out = pipe[1];
	return output->pid < 0 ? output->pid : 0;
}

static int pipe_to(struct output *output, char **program, char **environment, uint64_t mask)
{
	long error = program[0] == NULL ? 0 : start_program(output, program, environment, mask);
	return error < 0 ? say_failure("no process can be made", "", error, NULL) : run(output);
}

int command_pipe(char **arguments, char **environment)
{
	static struct output output;
	struct options options = { .dir = EVENTS_DIR, .name = "agent" };
	uint64_t mask;
	char **program;
	int status = options_read(&options, arguments, &program);
	if (status == 0)
		status = signals_open(&output.signals, SIGNALS_TO_END | SIGNAL_BIT(SIGCHLD), &mask);
	if (status == 0)
		status = inbox_open(&output.inbox, &options);
	if (status != 0)
		return status;
	output.out = STDOUT;
	status = pipe_to(&output, program, environment, mask);
	inbox_close(&output.inbox);
	return status;
}
