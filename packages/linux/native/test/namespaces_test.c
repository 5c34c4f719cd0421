#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../core/child.h"
#include "../core/enter.h"
#include "../core/link.h"
#include "../core/namespace.h"
#include "../core/openers.h"
#include "check.h"

static void a_process_is_held(void)
{
	CHECK(process_open(-1) == -EINVAL && process_open(0) == -EINVAL && process_open(0x3fffffff) == -ESRCH);
	int self = process_open(getpid());
	CHECK(self >= 0 && process_has_ended(self) == 0);
	close(self);
	int child = child_fork();
	if (child == 0)
		_exit(0);
	int held = process_open(child);
	for (int i = 0; i < 500 && process_has_ended(held) == 0; i++)
		usleep(10000);
	CHECK(process_has_ended(held) == 1);
	close(held);
}

static void a_namespace_is_told_from_a_file(void)
{
	int netns = open("/proc/self/ns/net", O_RDONLY), mount = open("/proc/self/ns/mnt", O_RDONLY);
	int file = open("/dev/null", O_RDONLY);
	CHECK(namespace_type(netns) == CLONE_NEWNET && namespace_type(mount) == CLONE_NEWNS);
	CHECK(namespace_type(file) == -ENOTTY && namespace_type(-1) == -EBADF && namespace_owner(file) == -ENOTTY);
	int owner = namespace_owner(netns);
	CHECK(owner >= 0 && namespace_type(owner) == CLONE_NEWUSER);
	close(owner);
	close(netns);
	close(mount);
	close(file);
}

static uint64_t own_mount_id(void)
{
	int mount = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	uint64_t id = namespace_mount_id(mount);
	close(mount);
	return id;
}

// In namespaces of its own. The kernel gives the inode of one that has ended to the next.
static int are_all_different(uint64_t first)
{
	uint64_t before = first;
	for (int i = 0; i < 3; i++) {
		uint64_t id = unshare(CLONE_NEWNS) == 0 ? own_mount_id() : 0;
		if (id == 0 || id == before || id == first)
			return 0;
		before = id;
	}
	return 1;
}

static void no_mount_namespace_has_the_number_of_another(void)
{
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC), status = 0;
	uint64_t own = own_mount_id();
	CHECK(namespace_mount_id(file) == 0 && own_mount_id() == own);
	close(file);
	if (own == 0 || geteuid() != 0)
		return; // an older kernel, or nobody who may make one
	int child = child_fork();
	if (child == 0)
		_exit(are_all_different(own) ? 0 : 1);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void on_alarm(int signal)
{
	(void)signal;
}

static int open_nothing(const void *argument, struct entered *opened)
{
	(void)opened;
	return *(const int *)argument;
}

static void what_cannot_be_entered_is_an_error(void)
{
	struct entered opened;
	int file = open("/dev/null", O_RDONLY), nothing = 0, leash = -1;
	CHECK(enter_by_thread(file, open_nothing, &nothing, &opened) < 0);
	CHECK(enter_by_thread(-1, open_nothing, &nothing, &opened) == -EBADF);
	CHECK(enter_by_child(file, file, open_nothing, &nothing, &opened) == -EINVAL);
	CHECK(enter_by_child(-1, -1, open_nothing, &nothing, &opened) == -EBADF);
	CHECK(opened.fds[0] == -1 && opened.fds[1] == -1);
	CHECK(child_in_userns(file, &leash) == -EINVAL);
	close(file);
}

// As whoever shares the user namespace that it entered may do.
static void a_child_that_is_stopped_holds_nobody_up(void)
{
	int pair[2];
	CHECK(child_channel(pair) == 0);
	int child = child_fork();
	if (child == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	char byte;
	struct iovec body = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1 };
	struct sigaction before, action = { .sa_handler = on_alarm };
	struct itimerval often = { { 0, 500000 }, { 0, 500000 } }, never = { 0 };
	struct timespec begin, end;
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &often, NULL); // each signal sooner than the two seconds
	clock_gettime(CLOCK_MONOTONIC, &begin);
	CHECK(child_receive(pair[0], &message) == -EAGAIN);
	clock_gettime(CLOCK_MONOTONIC, &end);
	CHECK(end.tv_sec - begin.tv_sec <= 5);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	child_end(child);
	CHECK(kill(child, 0) == -1 && errno == ESRCH);
	close(pair[0]);
	close(pair[1]);
}

// As root, and as whoever may enter what is their own.
static void our_own_is_entered_by_a_thread(void)
{
	struct entered opened;
	struct listen_request request = { .groups = 1, .receive_buffer = 4096 };
	int netns = open("/proc/self/ns/net", O_RDONLY);
	int error = enter_by_thread(netns, open_uevent_listener, &request, &opened);
	CHECK(error == 0 || error == -EPERM);
	CHECK((error == 0) == (opened.fds[0] >= 0) && opened.fds[1] == -1);
	if (error == 0)
		close(opened.fds[0]);
	for (uint32_t group = KERNEL_GROUP; group <= 4; group *= 2)
		if (enter_by_thread(netns, open_uevent_injector, &group, &opened) == 0) {
			CHECK(opened.fds[0] >= 0 && opened.fds[1] >= 0);
			close(opened.fds[0]);
			close(opened.fds[1]);
		}
	close(netns);
}

static void cgroups_are_written_as_a_namespace_has_them(void)
{
	char ours[65536], copied[65536];
	int list = open("/proc/self/cgroup", O_RDONLY), cgroupns = open("/proc/self/ns/cgroup", O_RDONLY);
	ssize_t length = read(list, ours, sizeof ours);
	int copy = enter_cgroups(cgroupns);
	CHECK(copy >= 0 || copy == -EPERM);
	if (copy >= 0) {
		CHECK(read(copy, copied, sizeof copied) == length && memcmp(ours, copied, (size_t)length) == 0);
		close(copy);
	}
	CHECK(enter_cgroups(list) == -EINVAL);
	close(list);
	close(cgroupns);
}

// As those of children that end, which whoever starts containers gets all the time.
static void signals_change_nothing(void)
{
	struct sigaction before, action = { .sa_handler = on_alarm };
	struct itimerval often = { { 0, 100 }, { 0, 100 } }, never = { 0 };
	struct entered opened;
	int nothing = 0, leash, ended = 0, denied = 0, file = open("/dev/null", O_RDONLY), self = process_open(getpid());
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 200000; i++)
		ended += process_has_ended(self) != 0;
	for (int i = 0; i < 200; i++)
		denied += enter_by_child(file, file, open_nothing, &nothing, &opened) == -EINVAL &&
			  child_in_userns(file, &leash) == -EINVAL;
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	CHECK(ended == 0);
	CHECK(denied == 200);
	close(self);
	close(file);
}

static void names_of_links_are_cut_and_refused(void)
{
	char name[300];
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	CHECK(link_delete(name) < 0 && link_delete("") < 0);
	CHECK(link_rename(name, "x") < 0 && link_rename("no-such-link", name) < 0);
	CHECK(link_create_veth("", "a/b") < 0 && link_create_veth(".", name) < 0);
}

void test_namespaces(void)
{
	a_process_is_held();
	a_namespace_is_told_from_a_file();
	no_mount_namespace_has_the_number_of_another();
	what_cannot_be_entered_is_an_error();
	a_child_that_is_stopped_holds_nobody_up();
	our_own_is_entered_by_a_thread();
	cgroups_are_written_as_a_namespace_has_them();
	signals_change_nothing();
	names_of_links_are_cut_and_refused();
}
