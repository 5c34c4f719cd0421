#include "detached.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>

#include "sys.h"

// Whoever starts a thread waits until it has a table of descriptors of its own.
struct handshake {
	void *(*run)(void *);
	void *context;
	const int *own;
	int count;
	int is_apart;
	sem_t ready;
};

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

static int go_apart(const int *own, int count)
{
	unsigned from = 0;
	if (unshare(CLONE_FILES) < 0)
		return 0;
	for (int i = 0; i < count; i++) {
		if (own[i] > (int)from)
			syscall(SYS_close_range, from, (unsigned)own[i] - 1, 0);
		from = (unsigned)own[i] + 1;
	}
	syscall(SYS_close_range, from, ~0U, 0);
	return 1;
}

static void *run_apart(void *context)
{
	struct handshake *handshake = context;
	void *(*run)(void *) = handshake->run;
	void *own_context = handshake->context;
	handshake->is_apart = go_apart(handshake->own, handshake->count);
	sem_post(&handshake->ready); // it may be gone from here on
	return run(own_context);
}

int detached_start_apart(void *(*run)(void *), void *context, const int *own, int count)
{
	struct handshake handshake = { .run = run, .context = context, .own = own, .count = count };
	sem_init(&handshake.ready, 0, 0);
	int error = detached_start(run_apart, &handshake);
	if (error == 0)
		while (sem_wait(&handshake.ready) < 0)
			;
	if (error == 0 && handshake.is_apart)
		for (int i = 0; i < count; i++)
			close(own[i]);
	sem_destroy(&handshake.ready);
	return error;
}
