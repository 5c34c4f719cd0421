#include "detached.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
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

/** A process that works apart, until it has ended, and the thread that waits for that. */
struct apart {
	sem_t forked;
	int pid; // or -errno: there is none to wait for
	struct apart *next;
};

static struct apart *all_apart;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

static void forget(struct apart *ended)
{
	pthread_mutex_lock(&guard);
	struct apart **at = &all_apart;
	while (*at != ended)
		at = &(*at)->next;
	*at = ended->next;
	pthread_mutex_unlock(&guard);
}

static void await(struct apart *apart)
{
	int pid = apart->pid;
	siginfo_t ended;
	while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	forget(apart); // while nobody else can have its number
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void *await_end(void *context)
{
	struct apart *apart = context;
	while (sem_wait(&apart->forked) < 0)
		;
	if (apart->pid > 0)
		await(apart);
	sem_destroy(&apart->forked);
	free(apart);
	return NULL;
}

// In the parent: the pid, noted as of one that works apart, or -errno; `apart` is the thread's then.
static int fork_apart(struct apart *apart)
{
	pthread_mutex_lock(&guard);
	int pid = child_fork();
	if (pid == 0)
		return 0;
	apart->pid = pid;
	if (pid > 0) {
		apart->next = all_apart;
		all_apart = apart;
	}
	pthread_mutex_unlock(&guard);
	sem_post(&apart->forked);
	return pid;
}

// Whoever waits for a process is there before it: one that cannot be waited for is not made.
static struct apart *start_waiting(int *error)
{
	struct apart *apart = malloc(sizeof *apart);
	*error = apart ? 0 : -ENOMEM;
	if (apart == NULL)
		return NULL;
	sem_init(&apart->forked, 0, 0);
	*error = detached_start(await_end, apart); // that waiting keeps nobody from ending
	if (*error == 0)
		return apart;
	sem_destroy(&apart->forked);
	free(apart);
	return NULL;
}

int detached_start_apart(void *(*run)(void *), void *context, const int *own, int count)
{
	for (int i = 0; i < count; i++)
		if (own[i] < 0)
			return own[i];
	int error;
	struct apart *apart = start_waiting(&error);
	if (apart == NULL)
		return error;
	int child = fork_apart(apart);
	if (child < 0)
		return child;
	if (child == 0) {
		keep_only(own, count);
		run(context);
		_exit(0);
	}
	for (int i = 0; i < count; i++)
		close(own[i]);
	return 0;
}

int detached_has(int pid)
{
	pthread_mutex_lock(&guard);
	struct apart *each = all_apart;
	while (each != NULL && each->pid != pid)
		each = each->next;
	pthread_mutex_unlock(&guard);
	return each != NULL;
}
