#include "detached.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>

#include "child.h"
#include "sys.h"

int detached_start(void *(*run)(void *), void *context)
{
	sigset_t all, before;
	pthread_t thread;
	sigfillset(&all); // SIGPIPE too, which nobody who waits has to expect
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&thread, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		pthread_detach(thread);
	return -error;
}

static void keep_only(const int *own, int count)
{
	unsigned from = 0;
	for (int i = 0; i < count; i++) {
		if (own[i] > (int)from)
			syscall(SYS_close_range, from, (unsigned)own[i] - 1, 0);
		from = (unsigned)own[i] + 1;
	}
	syscall(SYS_close_range, from, ~0U, 0);
}

static void *await_end(void *context)
{
	int child = (int)(intptr_t)context;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return NULL;
}

int detached_start_apart(void *(*run)(void *), void *context, const int *own, int count)
{
	for (int i = 0; i < count; i++)
		if (own[i] < 0)
			return own[i];
	int child = child_fork();
	if (child < 0)
		return child;
	if (child == 0) {
		keep_only(own, count);
		run(context);
		_exit(0);
	}
	detached_start(await_end, (void *)(intptr_t)child); // that waiting keeps nobody from ending
	for (int i = 0; i < count; i++)
		close(own[i]);
	return 0;
}
