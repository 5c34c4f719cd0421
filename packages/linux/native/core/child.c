#include "child.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "sys.h"

#define PATIENCE 2 // seconds; a child answers in milliseconds

int child_channel(int pair[2])
{
	struct timeval patience = { .tv_sec = PATIENCE };
	int error = sys_result(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	if (error == 0)
		setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return error;
}

int child_fork(void)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int pid = sys_result(fork());
	if (pid == 0 && prctl(PR_SET_DUMPABLE, 0) < 0)
		_exit(1);
	if (pid != 0)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static void stay(int channel, int userns)
{
	int error = sys_result(setns(userns, CLONE_NEWUSER));
	if (send(channel, &error, sizeof error, MSG_NOSIGNAL) == sizeof error)
		recv(channel, &error, sizeof error, 0); // until the other end is closed
}

// A signal would end the wait, whatever SA_RESTART says, and a second one would begin anew: a caller that starts containers
// gets SIGCHLD all the time. Other threads take them, or they wait.
int child_receive(int channel, struct msghdr *message)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int length;
	do
		length = sys_result(recvmsg(channel, message, MSG_CMSG_CLOEXEC));
	while (length == -EINTR); // it was stopped and goes on
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return length;
}

static int await_entry(int channel)
{
	int error = 0;
	struct iovec body = { .iov_base = &error, .iov_len = sizeof error };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1 };
	int length = child_receive(channel, &message);
	return length == sizeof error ? error : -ECHILD;
}

int child_in_userns(int userns, int *leash)
{
	int pair[2];
	int error = child_channel(pair);
	if (error < 0)
		return error;
	int pid = child_fork();
	if (pid == 0) {
		close(pair[0]);
		stay(pair[1], userns);
		_exit(0);
	}
	close(pair[1]);
	*leash = pair[0];
	if (pid < 0)
		close(pair[0]);
	error = pid < 0 ? pid : await_entry(pair[0]);
	if (error < 0 && pid > 0)
		child_release(pid, pair[0]);
	return error < 0 ? error : pid;
}

void child_end(int pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void child_release(int pid, int leash)
{
	close(leash);
	child_end(pid);
}
