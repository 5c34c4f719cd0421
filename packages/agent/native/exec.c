// Starts a program whose uevent sockets come from a holder.
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "commands.h"
#include "files.h"
#include "mem.h"
#include "notify.h"
#include "say.h"
#include "signals.h"
#include "spawn.h"
#include "sys.h"

#define ANSWER_SECONDS 10

union one_fd {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static long connect_to_holder(const char *path)
{
	struct timeval patience = { .tv_sec = ANSWER_SECONDS };
	long fd = socket_connect(path, SOCK_STREAM);
	if (fd < 0)
		return fd;
	SYS(setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	SYS(setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	return fd;
}

/** As an OCI runtime does it: the state of a container's process, and with it the descriptor that `fds` names. */
static long send_notifier(int connection, int notifier)
{
	struct text state = { .length = 0 };
	long pid = SYS(getpid);
	TEXT(&state, "{\"ociVersion\":\"1.0.2\",\"fds\":[\"seccompFd\"],\"pid\":");
	text_number(&state, pid);
	TEXT(&state, ",\"metadata\":\"\",\"state\":{\"ociVersion\":\"1.0.2\",\"id\":\"uevent-agent\",\"status\":\"running\",\"pid\":");
	text_number(&state, pid);
	TEXT(&state, ",\"bundle\":\"/\"}}");
	union one_fd control = {
		.header = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS }
	};
	memcpy(control.space + CMSG_LEN(0), &notifier, sizeof notifier);
	struct iovec body = { .iov_base = state.bytes, .iov_len = state.length };
	struct msghdr message = {
		.msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	long sent = SYS(sendmsg, connection, &message, MSG_NOSIGNAL);
	return sent < 0 ? sent : SYS(shutdown, connection, SHUT_WR);
}

/** Until the holder answers, a call of the program would find nobody. */
static long await_answer(int connection)
{
	unsigned char kept = 0;
	long length;
	do
		length = SYS(recvfrom, connection, &kept, 1, 0, NULL, NULL);
	while (length == -EINTR);
	if (length == -EAGAIN)
		return -ETIMEDOUT;
	if (length < 0)
		return length;
	return length == 1 && kept == 1 ? 0 : -EBUSY;
}

static long hand_to_holder(int connection, int notifier)
{
	long error = send_notifier(connection, notifier);
	return error < 0 ? error : await_answer(connection);
}

static int fail(const char *what, const char *name, long error, const char *remedy)
{
	say_failure(what, name, error, remedy);
	return STATUS_OURS;
}

static int prepare(const char *path)
{
	long connection = connect_to_holder(path);
	if (connection < 0)
		return fail("no holder at ", path, connection, "Start one: uevent-agent hold PATH");
	long notifier = notify_install();
	if (notifier < 0)
		return fail("no seccomp filter can be installed", "", notifier,
			    "Linux 5.14 is needed, and no other filter that asks somebody: a program can have one");
	long error = hand_to_holder((int)connection, (int)notifier);
	SYS(close, notifier);
	SYS(close, connection);
	if (error < 0)
		return fail("the holder does not take the program: ", path, error, "It serves 256 at a time");
	return 0;
}

/** What comes to the whole group, as from a terminal, comes to the program itself. */
static void pass_on(long program, int signals)
{
	long sender, parent = SYS(getppid);
	for (int number; (number = signals_next_from(signals, &sender)) != 0;)
		if (sender == parent)
			SYS(kill, program, number);
}

static int await_program(long program, int signals)
{
	struct pollfd polled = { .fd = signals, .events = POLLIN };
	int status = 0;
	long ended;
	while ((ended = SYS(wait4, program, &status, WNOHANG, NULL)) == 0) {
		poll_until(&polled, 1, LONG_MAX);
		pass_on(program, signals);
	}
	return ended < 0 ? fail("the status of the program is not known", "", ended, "Do not have SIGCHLD ignored") :
			   program_status(status);
}

/** Some parents know no number of a real-time signal: this one tells it them as a shell would. */
static int run_beside(char **program, char **environment)
{
	uint64_t mask;
	int signals;
	if (signals_open(&signals, ~0ul, &mask) != 0)
		return STATUS_OURS;
	long pid = process_fork();
	if (pid == 0) {
		signals_restore(mask);
		sys_exit(program_run(program, environment));
	}
	return pid < 0 ? fail("no process can be made", "", pid, NULL) : await_program(pid, signals);
}

int command_exec(char **arguments, char **environment)
{
	int waits = arguments[0] != NULL && same_text(arguments[0], "--wait");
	arguments += waits;
	if (arguments[0] == NULL || arguments[1] == NULL || !same_text(arguments[1], "--") || arguments[2] == NULL) {
		say_usage("exec: [--wait] PATH -- PROGRAM is wanted", "");
		return STATUS_OURS;
	}
	int status = prepare(arguments[0]);
	if (status != 0)
		return status;
	return waits ? run_beside(arguments + 2, environment) : program_run(arguments + 2, environment);
}
