#include "enter.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include "sys.h"

#define CGROUPS_SIZE 65536 // bytes: a path of at most 4096 for each hierarchy, of which there are some fifteen

struct visit {
	int namespace;
	entered_opener open;
	const void *argument;
	struct entered *opened;
	int error;
};

static void *visit(void *context)
{
	struct visit *self = context;
	self->error = sys_result(setns(self->namespace, 0));
	if (self->error == 0)
		self->error = self->open(self->argument, self->opened);
	return NULL;
}

int enter_by_thread(int namespace, entered_opener open, const void *argument, struct entered *opened)
{
	struct visit self = { .namespace = namespace, .open = open, .argument = argument, .opened = opened };
	pthread_t thread;
	*opened = (struct entered){ { -1, -1 } };
	int error = pthread_create(&thread, NULL, visit, &self);
	if (error != 0)
		return -error;
	pthread_join(thread, NULL);
	return self.error;
}

// The kernel writes the paths as whoever reads them finds them: here, not where the descriptor goes.
static int copy_cgroups(const void *argument, struct entered *opened)
{
	(void)argument;
	char text[CGROUPS_SIZE];
	int list = sys_result(open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC));
	if (list < 0)
		return list;
	int length = sys_result(read(list, text, sizeof text));
	close(list);
	int copy = length < 0 ? length : sys_result(memfd_create("cgroups", MFD_CLOEXEC));
	if (copy < 0)
		return copy;
	opened->fds[0] = copy;
	return sys_result(pwrite(copy, text, (size_t)length, 0)) == length ? 0 : -EIO;
}

int enter_cgroups(int cgroupns)
{
	struct entered opened;
	int error = enter_by_thread(cgroupns, copy_cgroups, NULL, &opened);
	if (error == 0)
		return opened.fds[0];
	if (opened.fds[0] >= 0)
		close(opened.fds[0]);
	return error;
}
