// Runs a program of a container for each event, from outside: as hotplug does, in the namespaces of one of its processes, and with
// no more rights than a program has that it starts itself.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "commands.h"
#include "files.h"
#include "mem.h"
#include "own-copy.h"
#include "say.h"
#include "signals.h"
#include "spawn.h"
#include "sys.h"

// What whoever starts it opened.
#define PIDFD 3 // a process of the container
#define EVENTS 4 // a socket of type SOCK_SEQPACKET
#define ROOT 5 // the directory that it has as its root
#define CGROUPS 6 // and those behind it: a cgroup.procs of that process each

#define LIMITS 16 // RLIMIT_CPU to RLIMIT_RTTIME
#define CAPABILITIES_MAX 64
#define END_MS 2000 // that what runs in the container has to end, once nobody is at the other end of the socket
#define WHO_PROCESS 1 // IOPRIO_WHO_PROCESS
#define WORDS 6

/** What the container's process is held to, as /proc shows it. */
struct confinement {
	long namespaces; // CLONE_NEW*: those that are not ours
	int cgroups; // how many to join
	uint64_t capabilities; // its bounding set
	const char *oom_score_adj;
	int no_new_privs;
	const char *limits; // SOFT:HARD of each, with a comma behind it
};

static int fail(const char *what, long error, const char *remedy)
{
	return say_failure(what, "", error, remedy);
}

static uint64_t read_number(const char **digits)
{
	uint64_t number = 0;
	for (; **digits >= '0' && **digits <= '9'; (*digits)++)
		number = number * 10 + (uint64_t)(**digits - '0');
	if (**digits != '\0')
		(*digits)++; // what parts it from the next
	return number;
}

/** Nothing else that whoever started it has open comes along, and nothing at all into a program. */
static void close_others(const struct confinement *confinement)
{
	SYS(close_range, CGROUPS + confinement->cgroups, ~0u, 0);
	for (int fd = PIDFD; fd <= ROOT; fd++)
		SYS(fcntl, fd, F_SETFD, FD_CLOEXEC);
}

/** The host's, as the container's may be missing, or anything. */
static long open_nothing(void)
{
	long fd = SYS(openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
	return fd < 0 ? files_open_nothing() : fd;
}

static int join_cgroups(const struct confinement *confinement)
{
	for (int fd = CGROUPS; fd < CGROUPS + confinement->cgroups; fd++) {
		long written = SYS(write, fd, "0", 1);
		SYS(close, fd);
		if (written < 0)
			return fail("a cgroup of the container cannot be joined", written,
				    "Run the relay as root, or uevent-agent hotplug in the container");
	}
	return 0;
}

static void lower(rlim_t *limit, rlim_t most)
{
	if (*limit > most)
		*limit = most;
}

/** The lower ones of both. */
static int take_limits(const struct confinement *confinement)
{
	const char *at = confinement->limits;
	for (int resource = 0; resource < LIMITS; resource++) {
		struct rlimit ours;
		rlim_t soft = read_number(&at), hard = read_number(&at);
		long error = SYS(prlimit64, 0, resource, NULL, &ours);
		if (error == 0) {
			lower(&ours.rlim_cur, soft);
			lower(&ours.rlim_max, hard);
			error = SYS(prlimit64, 0, resource, &ours, NULL);
		}
		if (error < 0)
			return fail("the container's limits cannot be taken over", error, "See ulimit -a of the relay");
	}
	return 0;
}

/** Who may not be spared as the container's process is, is the first to go: nothing is lost by that. */
static int take_oom_score(const struct confinement *confinement)
{
	long error = files_write("/proc/self/oom_score_adj", confinement->oom_score_adj, strlen(confinement->oom_score_adj));
	return error < 0 && error != -EACCES ? fail("/proc/self/oom_score_adj cannot be set", error, "Mount /proc") : 0;
}

/** A relay may be preferred to others; what a container brings is not. */
static int leave_priority(void)
{
	const struct {
		int priority;
	} none = { 0 };
	long nice = 20 - SYS(getpriority, PRIO_PROCESS, 0); // the system call gives 40 to 1
	long error = SYS(sched_setscheduler, 0, SCHED_NORMAL, &none);
	if (error == 0 && nice < 0)
		error = SYS(setpriority, PRIO_PROCESS, 0, 0);
	if (error == 0)
		error = SYS(ioprio_set, WHO_PROCESS, 0, 0);
	SYS(prctl, PR_SET_TIMERSLACK, 0, 0, 0, 0);
	return error < 0 ? fail("the relay's priority cannot be left", error, "Start it with an ordinary one") : 0;
}

/** The host's keys and groups are none of the container's. Who is not root may drop no group; who made the container has the same. */
static int leave_identity(void)
{
	long error = SYS(keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (error < 0 && error != -ENOSYS && error != -EPERM) // which a seccomp filter says, to the program too
		return fail("no session keyring can be made", error,
			    "The container's root may have spent the quota of keys of its user: see /proc/key-users");
	error = SYS(setgroups, 0, NULL);
	return error < 0 && SYS(geteuid) == 0 ? fail("groups cannot be left", error, "Give it CAP_SETGID") : 0;
}

/** What a mount namespace begins with may be the host's still. */
static long change_root(void)
{
	long error = SYS(fchdir, ROOT);
	if (error == 0)
		error = SYS(chroot, ".");
	SYS(close, ROOT);
	return error;
}

static long become_root(void)
{
	SYS(setgroups, 0, NULL); // refused in a user namespace that an ordinary user made, who is in them there too
	long error = SYS(setresgid, 0, 0, 0);
	return error < 0 ? error : SYS(setresuid, 0, 0, 0);
}

static long drop_capabilities(uint64_t kept)
{
	for (long number = 0; number < CAPABILITIES_MAX; number++) {
		long error = (kept >> number & 1) != 0 ? 0 : SYS(prctl, PR_CAPBSET_DROP, number, 0, 0, 0);
		if (error == -EINVAL)
			return 0; // the kernel has no more
		if (error < 0)
			return error;
	}
	return 0;
}

/** Its root could trace us, whose memory and descriptors are the host's: from now on that takes a capability of the host's. */
static void hide(void)
{
	SYS(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/** That of which all the rest was read has not ended before: its pidfd could not be entered. */
static int enter_namespaces(const struct confinement *confinement)
{
	hide();
	long error = SYS(setns, PIDFD, confinement->namespaces);
	if (error < 0)
		return fail("the container's namespaces cannot be entered", error,
			    "Linux 5.8 is needed, and the rights of root, or those of who made its user namespace");
	SYS(close, PIDFD);
	error = change_root();
	if (error == 0)
		error = become_root();
	if (error == 0)
		error = drop_capabilities(confinement->capabilities);
	if (error == 0 && confinement->no_new_privs)
		error = SYS(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (error < 0)
		return fail("the container's root cannot be become", error, "Its user namespace has to have one, with CAP_SYS_CHROOT");
	hide(); // another user may be seen again
	SYS(umask, 022);
	return 0;
}

static int enter(const struct confinement *confinement)
{
	int status = join_cgroups(confinement);
	if (status == 0)
		status = take_limits(confinement);
	if (status == 0)
		status = take_oom_score(confinement);
	if (status == 0)
		status = leave_priority();
	if (status == 0)
		status = leave_identity();
	return status == 0 ? enter_namespaces(confinement) : status;
}

static int outcome_of(long pid)
{
	int status = 0;
	while (SYS(wait4, pid, &status, 0, NULL) == -EINTR)
		;
	return program_status(status);
}

/** The container's root may stop what runs there, or take its descriptors away; it does not see us. */
static int watch(long pid)
{
	struct pollfd polled[] = { { .fd = (int)SYS(pidfd_open, pid, 0), .events = POLLIN }, { .fd = EVENTS } };
	if (polled[0].fd < 0) {
		SYS(kill, pid, SIGKILL);
		outcome_of(pid);
		return fail("what runs in the container cannot be watched", polled[0].fd, "Raise its limit of descriptors");
	}
	while (polled[0].revents == 0 && polled[1].revents == 0)
		poll_until(polled, 2, LONG_MAX);
	if (polled[0].revents == 0) {
		poll_until(polled, 1, clock_ms() + END_MS);
		SYS(kill, pid, SIGKILL);
	}
	return outcome_of(pid);
}

static int run(long nothing, char **program)
{
	long pid = process_fork(); // a process enters a pid namespace with its children
	if (pid < 0)
		return fail("no process can be made", pid, "Try again when fewer run");
	if (pid > 0)
		return watch(pid);
	SYS(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return hotplug_from(EVENTS, (int)nothing, program);
}

int command_enter(char **arguments)
{
	const char *words[WORDS];
	for (int i = 0; i <= WORDS; i++)
		if (arguments[i] == NULL)
			return say_usage("enter: it is for a relay, which knows its words", "");
	memcpy(words, arguments, sizeof words);
	struct confinement confinement = { .namespaces = (long)read_number(&words[0]),
					   .cgroups = (int)read_number(&words[1]),
					   .capabilities = read_number(&words[2]),
					   .oom_score_adj = arguments[3],
					   .no_new_privs = !same_text(arguments[4], "0"),
					   .limits = arguments[5] };
	long error = own_copy_become("enter", arguments);
	if (error < 0)
		return fail("no copy of uevent-agent can be run", error, "Mount /proc, and let memfds be run (vm.memfd_noexec)");
	close_others(&confinement);
	long nothing = open_nothing();
	int status = enter(&confinement);
	return status == 0 ? run(nothing, arguments + WORDS) : status;
}
