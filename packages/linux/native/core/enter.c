#include "enter.h"

#include <pthread.h>
#include <sched.h>

#include "sys.h"

struct visit {
	int netns;
	entered_opener open;
	const void *argument;
	struct entered *opened;
	int error;
};

static void *visit(void *context)
{
	struct visit *self = context;
	self->error = sys_result(setns(self->netns, CLONE_NEWNET));
	if (self->error == 0)
		self->error = self->open(self->argument, self->opened);
	return NULL;
}

int enter_by_thread(int netns, entered_opener open, const void *argument, struct entered *opened)
{
	struct visit self = { .netns = netns, .open = open, .argument = argument, .opened = opened };
	pthread_t thread;
	*opened = (struct entered){ { -1, -1 } };
	int error = pthread_create(&thread, NULL, visit, &self);
	if (error != 0)
		return -error;
	pthread_join(thread, NULL);
	return self.error;
}
