// Runs a program for each event, as the kernel would run its hotplug helper.
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/wait.h>

#include "commands.h"
#include "environment.h"
#include "inbox.h"
#include "mem.h"
#include "say.h"
#include "signals.h"
#include "spawn.h"
#include "sys.h"

#define SLOTS 256 // events that are held, of SLOT_SIZE bytes each
#define JOBS 8
#define TIMEOUT 30 // seconds
#define GRACE_MS 1000 // that a program has to end by itself, once it is asked to
#define RETRY_MS 100 // until a process is tried again to be made
#define ARGUMENTS_MAX 64

enum state { WAITS, RUNS, ASKED, KILLED };

struct job {
	struct uevent event;
	enum state state;
	long pid;
	long deadline;
	char memory[SLOT_SIZE];
};

struct hotplug {
	struct inbox inbox;
	struct options options;
	char program[PATH_MAX];
	char *arguments[ARGUMENTS_MAX];
	int argument_count;
	int signals;
	uint64_t mask;
	int nothing;
	int is_mute; // what programs write is for nobody
	int running;
	int ending;
	long retry_at; // 0: at once
	unsigned long refused;
	unsigned long failed_forks;
	int count;
	unsigned char order[SLOTS]; // by arrival; behind `count` those that are free
	struct job jobs[SLOTS];
};

static struct job *job_at(struct hotplug *hotplug, int place)
{
	return &hotplug->jobs[hotplug->order[place]];
}

static void free_place(struct hotplug *hotplug, int place)
{
	unsigned char freed = hotplug->order[place];
	hotplug->count--;
	memmove(hotplug->order + place, hotplug->order + place + 1, (size_t)(hotplug->count - place));
	hotplug->order[hotplug->count] = freed;
}

static void say_of(const struct hotplug *hotplug, const struct job *job, const char *what, long number, const char *more)
{
	struct text text = { .length = 0 };
	TEXT(&text, job->event.action, "@", job->event.devpath, ": ", hotplug->program, what);
	if (number >= 0)
		text_number(&text, number);
	TEXT(&text, more);
	say_text(&text);
}

_Noreturn static void become_helper(struct hotplug *hotplug, const struct job *job, struct environment *environment)
{
	SYS(setpgid, 0, 0);
	for (int fd = 0; fd <= (hotplug->is_mute ? 2 : 0); fd++)
		if (SYS(dup3, hotplug->nothing, fd, 0) < 0)
			sys_exit(STATUS_NOT_EXECUTABLE); // whoever is our user may have set our limit of descriptors: nothing of ours goes on
	SYS(chdir, "/");
	signals_restore(hotplug->mask);
	hotplug->arguments[hotplug->argument_count] = (char *)job->event.subsystem;
	hotplug->arguments[hotplug->argument_count + 1] = NULL;
	long error = SYS(execve, hotplug->program, hotplug->arguments, environment->variables);
	say_failure("cannot run ", hotplug->program, error, NULL);
	sys_exit(STATUS_NOT_FOUND);
}

static void say_refused(struct hotplug *hotplug, const struct job *job, const char *pair)
{
	char name[80];
	size_t length = 0;
	for (; pair[length] != '=' && length < sizeof name - 1; length++)
		name[length] = pair[length];
	name[length] = '\0';
	if (is_worth_saying(++hotplug->refused))
		say_of(hotplug, job, " does not get ", -1, name);
}

static void start_job(struct hotplug *hotplug, struct job *job, long now)
{
	struct environment environment;
	environment_make(&environment, &job->event);
	long pid = process_fork();
	if (pid == 0)
		become_helper(hotplug, job, &environment);
	if (pid < 0) {
		hotplug->retry_at = now + RETRY_MS;
		if (is_worth_saying(++hotplug->failed_forks))
			say_failure("no process can be made", "", pid, "It is tried again");
		return;
	}
	SYS(setpgid, pid, pid); // whoever of the two is first
	if (environment.refused != NULL)
		say_refused(hotplug, job, environment.refused);
	job->pid = pid;
	job->state = RUNS;
	job->deadline = now + hotplug->options.timeout * 1000;
	hotplug->running++;
}

/** Whether one that came before it and is not done concerns the same device, one above it or one below it. */
static int must_wait(struct hotplug *hotplug, int place)
{
	for (int before = 0; before < place; before++)
		if (uevent_related(&job_at(hotplug, before)->event, &job_at(hotplug, place)->event))
			return 1;
	return 0;
}

static void start_jobs(struct hotplug *hotplug, long now)
{
	if (hotplug->ending || now < hotplug->retry_at)
		return;
	hotplug->retry_at = 0;
	for (int place = 0; place < hotplug->count && hotplug->running < hotplug->options.jobs; place++) {
		struct job *job = job_at(hotplug, place);
		if (job->state == WAITS && !must_wait(hotplug, place))
			start_job(hotplug, job, now);
		if (hotplug->retry_at != 0)
			return;
	}
}

static void take_events(struct hotplug *hotplug)
{
	while (hotplug->count < SLOTS) {
		struct job *job = job_at(hotplug, hotplug->count);
		if (!inbox_next(&hotplug->inbox, &job->event, job->memory))
			return;
		job->state = WAITS;
		job->pid = 0;
		hotplug->count++;
	}
}

static void signal_group(const struct job *job, int number)
{
	SYS(kill, -job->pid, number);
}

/** Asks it to end, and then does not ask. */
static void end_job(struct job *job, long now)
{
	if (job->state == RUNS) {
		signal_group(job, SIGTERM);
		job->state = ASKED;
		job->deadline = now + GRACE_MS;
	} else {
		signal_group(job, SIGKILL);
		job->state = KILLED;
		job->deadline = LONG_MAX; // the kernel ends it when it can
	}
}

static void end_late_jobs(struct hotplug *hotplug, long now)
{
	for (int place = 0; place < hotplug->count; place++) {
		struct job *job = job_at(hotplug, place);
		if (job->pid == 0 || now < job->deadline)
			continue;
		if (job->state == RUNS)
			say_of(hotplug, job, " did not end within ", hotplug->options.timeout, " s, and is ended");
		end_job(job, now);
	}
}

static void say_outcome(const struct hotplug *hotplug, const struct job *job, int status)
{
	if (hotplug->ending || status == 0)
		return;
	if (WIFSIGNALED(status))
		say_of(hotplug, job, " was ended by signal ", WTERMSIG(status), "");
	else
		say_of(hotplug, job, " exited with ", WEXITSTATUS(status), "");
}

/** `pid` has ended and is not waited for yet: its group can still be named. */
static void finish(struct hotplug *hotplug, long pid)
{
	int status = 0, place = 0;
	while (place < hotplug->count && job_at(hotplug, place)->pid != pid)
		place++;
	int is_ours = place < hotplug->count; // as the first process of a container it gets others' children too
	if (is_ours && job_at(hotplug, place)->state != RUNS)
		signal_group(job_at(hotplug, place), SIGKILL); // what it left behind
	SYS(wait4, pid, &status, 0, NULL);
	if (!is_ours)
		return;
	say_outcome(hotplug, job_at(hotplug, place), status);
	free_place(hotplug, place);
	hotplug->running--;
}

static void reap(struct hotplug *hotplug)
{
	for (;;) {
		siginfo_t ended;
		ended.si_pid = 0;
		if (SYS(waitid, P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT, NULL) < 0 || ended.si_pid == 0)
			return;
		finish(hotplug, ended.si_pid);
	}
}

static void begin_to_end(struct hotplug *hotplug, long now)
{
	if (hotplug->ending)
		return;
	hotplug->ending = 1;
	inbox_close(&hotplug->inbox);
	for (int place = 0; place < hotplug->count; place++)
		if (job_at(hotplug, place)->state == RUNS)
			end_job(job_at(hotplug, place), now);
}

static long next_time(struct hotplug *hotplug)
{
	long next = hotplug->retry_at != 0 ? hotplug->retry_at : LONG_MAX;
	for (int place = 0; place < hotplug->count; place++) {
		const struct job *job = job_at(hotplug, place);
		if (job->pid != 0 && job->deadline < next)
			next = job->deadline;
	}
	return next;
}

static void wait_for_any(struct hotplug *hotplug)
{
	int listens = !hotplug->ending && hotplug->count < SLOTS;
	struct pollfd polled[] = { { .fd = hotplug->signals, .events = POLLIN },
				   { .fd = hotplug->ending ? -1 : hotplug->inbox.own.fd, .events = listens ? POLLIN : 0 } };
	poll_until(polled, 2, next_time(hotplug));
	if (polled[1].revents & POLLHUP)
		begin_to_end(hotplug, clock_ms());
	for (int number; (number = signals_next(hotplug->signals)) != 0;)
		if (number != SIGCHLD)
			begin_to_end(hotplug, clock_ms());
}

static int run(struct hotplug *hotplug)
{
	while (!hotplug->ending || hotplug->running > 0) {
		if (!hotplug->ending)
			take_events(hotplug);
		start_jobs(hotplug, clock_ms());
		wait_for_any(hotplug);
		reap(hotplug);
		end_late_jobs(hotplug, clock_ms());
	}
	return 0;
}

static int take_program(struct hotplug *hotplug, char **program)
{
	if (program[0] == NULL)
		return say_usage("hotplug: no program is given", "");
	for (; program[hotplug->argument_count] != NULL; hotplug->argument_count++) {
		if (hotplug->argument_count == ARGUMENTS_MAX - 2)
			return say_usage("hotplug: too many arguments", "");
		hotplug->arguments[hotplug->argument_count] = program[hotplug->argument_count];
	}
	long error = program_find(hotplug->program, program[0]);
	if (error < 0)
		return say_failure("cannot run ", program[0], error,
				   "Give the path of a program, or one of /sbin, /bin, /usr/sbin and /usr/bin");
	return 0;
}

static int prepare(struct hotplug *hotplug, long nothing)
{
	for (int i = 0; i < SLOTS; i++)
		hotplug->order[i] = (unsigned char)i;
	hotplug->nothing = (int)nothing;
	if (nothing < 0)
		return say_failure("no descriptor is left", "", nothing, "Try again when less is open");
	return signals_open(&hotplug->signals, SIGNALS_TO_END | SIGNAL_BIT(SIGCHLD), &hotplug->mask);
}

static struct hotplug the_one;
static const struct options DEFAULTS = { .dir = EVENTS_DIR, .name = "agent", .jobs = JOBS, .timeout = TIMEOUT };

int command_hotplug(char **arguments)
{
	char **program;
	the_one.options = DEFAULTS;
	int status = options_read(&the_one.options, arguments, &program);
	if (status == 0)
		status = take_program(&the_one, program);
	if (status == 0)
		status = prepare(&the_one, files_open_nothing());
	if (status == 0)
		status = inbox_open(&the_one.inbox, &the_one.options);
	return status == 0 ? run(&the_one) : status;
}

int hotplug_from(int events, int nothing, char **program)
{
	the_one.options = DEFAULTS;
	the_one.is_mute = 1;
	inbox_take(&the_one.inbox, events);
	if (take_program(&the_one, program) != 0)
		return STATUS_NOT_FOUND;
	int status = prepare(&the_one, nothing);
	if (status != 0)
		return status;
	SYS(write, 1, "ready\n", 6);
	return run(&the_one);
}
