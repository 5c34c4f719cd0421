#include "detached.h"

#include <pthread.h>
#include <signal.h>

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
