// Runs a program of a container for each event, from outside: as hotplug does, in the namespaces of one of its processes, and with
// no more rights than a program has that it starts itself.
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "commands.h"
#include "files.h"
#include "mem.h"
#include "say.h"
#include "spawn.h"
#include "sys.h"

// What whoever starts it opened.
#define PIDFD 3 // a process of the container
#define EVENTS 4 // a socket of type SOCK_SEQPACKET
#define CGROUPS 5 // and those behind it: a cgroup.procs of that process each

#define NAMESPACES                                                                                                     \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)
#define LIMITS 16 // RLIMIT_CPU to RLIMIT_RTTIME
#define CAPABILITIES_MAX 64

/** What the container's process is held to, as /proc shows it. */
struct confinement {
	long pid;
	int cgroups; // how many to join
	uint64_t capabilities; // its bounding set
	const char *oom_score_adj;
	int no_new_privs;
};

static int fail(const char *what, long error, const char *remedy)
{
	return say_failure(what, "", error, remedy);
}

/** Nothing else that whoever started it has open comes along, and nothing at all into a program. */
static void close_others(const struct confinement *confinement)
{
	SYS(close_range, CGROUPS + confinement->cgroups, ~0u, 0);
	for (int fd = PIDFD; fd <= EVENTS; fd++)
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

/** The lower ones of both. Whose number is `pid` is sure once its pidfd has been entered: the number is free only after it has ended. */
static int take_limits(const struct confinement *confinement)
{
	for (int resource = 0; resource < LIMITS; resource++) {
		struct rlimit its, ours;
		long error = SYS(prlimit64, confinement->pid, resource, NULL, &its);
		if (error == 0)
			error = SYS(prlimit64, 0, resource, NULL, &ours);
		if (error == 0) {
			lower(&ours.rlim_cur, its.rlim_cur);
			lower(&ours.rlim_max, its.rlim_max);
			error = SYS(prlimit64, 0, resource, &ours, NULL);
		}
		if (error < 0)
			return fail("the container's limits cannot be taken over", error, "Run the relay as root");
	}
	return 0;
}

/** Who may not be spared as the container's process is, is the first to go: nothing is lost by that. */
static int take_oom_score(const struct confinement *confinement)
{
	long error = files_write("/proc/self/oom_score_adj", confinement->oom_score_adj, strlen(confinement->oom_score_adj));
	return error < 0 && error != -EACCES ? fail("/proc/self/oom_score_adj cannot be set", error, "Mount /proc") : 0;
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

static int enter_namespaces(const struct confinement *confinement)
{
	SYS(keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL); // the host's keys are none of the container's
	hide();
	long error = SYS(setns, PIDFD, NAMESPACES);
	if (error < 0)
		return fail("the container's namespaces cannot be entered", error,
			    "Linux 5.8 is needed, and the rights of root, or those of who made its user namespace");
	SYS(close, PIDFD);
	error = become_root();
	if (error == 0)
		error = drop_capabilities(confinement->capabilities);
	if (error == 0 && confinement->no_new_privs)
		error = SYS(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (error < 0)
		return fail("the container's root cannot be become", error, "Its user namespace has to have one");
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
	return status == 0 ? enter_namespaces(confinement) : status;
}

static int outcome_of(long pid)
{
	int status = 0;
	while (SYS(wait4, pid, &status, 0, NULL) == -EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static uint64_t read_bits(const char *digits)
{
	uint64_t bits = 0;
	for (; *digits >= '0' && *digits <= '9'; digits++)
		bits = bits * 10 + (uint64_t)(*digits - '0');
	return bits;
}

int command_enter(char **arguments)
{
	for (int i = 0; i < 6; i++)
		if (arguments[i] == NULL)
			return say_usage("enter: PID CGROUPS CAPABILITIES OOM_SCORE_ADJ NO_NEW_PRIVS PROGRAM are wanted", "");
	struct confinement confinement = { .pid = (long)read_bits(arguments[0]),
					   .cgroups = (int)read_bits(arguments[1]),
					   .capabilities = read_bits(arguments[2]),
					   .oom_score_adj = arguments[3],
					   .no_new_privs = !same_text(arguments[4], "0") };
	close_others(&confinement);
	long nothing = open_nothing();
	int status = enter(&confinement);
	if (status != 0)
		return status;
	long pid = process_fork(); // a process enters a pid namespace with its children
	if (pid == 0) {
		SYS(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		return hotplug_from(EVENTS, (int)nothing, arguments + 5);
	}
	return pid < 0 ? fail("no process can be made", pid, "Try again when fewer run") : outcome_of(pid);
}
