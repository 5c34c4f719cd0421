#include "holders.h"

#include <linux/kcmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "detached.h"
#include "listing.h"
#include "sys.h"

#define PATH_SIZE 320 // bytes: /proc/PID/fdinfo/FD
#define FDINFO_SIZE 128 // bytes, in the first of which are the flags

struct search {
	int pipe;
	uint64_t until; // nanoseconds
	bool is_late;
	bool unfinished;
	size_t pid_count;
	size_t device_count;
	const struct held_device *devices;
	const int32_t *pids;
	uint8_t *seen; // of each device: the ways in which the process at hand was seen to have it
};

/** A directory of one task in /proc, with a link for each file: what `how` is seen by. */
struct shelf {
	int pid;
	int task;
	enum held_how how;
};

static bool is_late(struct search *search)
{
	search->is_late = search->is_late || sys_now() > search->until;
	return search->is_late;
}

static void say(struct search *search, struct held held)
{
	if (write(search->pipe, &held, sizeof held) != sizeof held)
		_exit(0); // nobody waits any more
}

// A descriptor that only names a place in a file system has nothing open.
static bool is_path_only(int task, const char *fd)
{
	char path[PATH_SIZE], info[FDINFO_SIZE];
	snprintf(path, sizeof path, "/proc/%d/fdinfo/%s", task, fd);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	ssize_t length = read(file, info, sizeof info - 1);
	close(file);
	if (length < 0)
		return false;
	info[length] = '\0';
	const char *flags = strstr(info, "flags:\t");
	return flags != NULL && (strtoul(flags + strlen("flags:\t"), NULL, 8) & O_PATH) != 0;
}

// The attributes that are known already are asked for: a file system of the container's own has no say.
static int look_at(int directory, const char *name, struct statx *found)
{
	return sys_result(statx(directory, name, AT_STATX_DONT_SYNC, STATX_TYPE, found));
}

static bool is_device(const struct statx *found, const struct held_device *device)
{
	return (found->stx_mode & S_IFMT) == device->type && found->stx_rdev_major == device->major &&
	       found->stx_rdev_minor == device->minor;
}

static void compare(struct search *search, const struct shelf *shelf, const char *name, const struct statx *found)
{
	for (size_t i = 0; i < search->device_count; i++) {
		if ((search->seen[i] & shelf->how) != 0 || !is_device(found, &search->devices[i]))
			continue;
		if (shelf->how == HELD_OPEN && is_path_only(shelf->task, name))
			continue;
		search->seen[i] |= (uint8_t)shelf->how;
		say(search, (struct held){ .pid = shelf->pid, .device = (uint16_t)i, .how = (uint16_t)shelf->how });
	}
}

// What is gone meanwhile is not held; what may not be seen may be.
static void look_into(struct search *search, const struct shelf *shelf, int directory)
{
	struct listing listing;
	const char *name;
	listing_begin(&listing, directory);
	while ((name = listing_next(&listing)) != NULL && !is_late(search)) {
		struct statx found;
		int error = look_at(directory, name, &found);
		if (error == 0)
			compare(search, shelf, name, &found);
		else if (error != -ENOENT)
			search->unfinished = true;
	}
}

static int open_directory(struct search *search, int task, const char *name)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "/proc/%d/%s", task, name);
	int directory = sys_result(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (directory < 0 && directory != -ENOENT && directory != -ESRCH)
		search->unfinished = true;
	return directory;
}

static void search_shelf(struct search *search, const struct shelf *shelf)
{
	int directory = open_directory(search, shelf->task, shelf->how == HELD_OPEN ? "fd" : "map_files");
	if (directory < 0)
		return;
	look_into(search, shelf, directory);
	close(directory);
}

static bool shares(int one, int other, int what)
{
	return one == other || syscall(SYS_kcmp, one, other, what, 0, 0) == 0;
}

// Threads may have descriptors of their own, and the first of them may have ended. /proc has each of them by its number too.
static void search_process(struct search *search, int pid, enum held_how how)
{
	int tasks = open_directory(search, pid, "task");
	if (tasks < 0)
		return;
	int what = how == HELD_OPEN ? KCMP_FILES : KCMP_VM;
	int last = 0;
	struct listing listing;
	const char *name;
	listing_begin(&listing, tasks);
	while ((name = listing_next(&listing)) != NULL && !is_late(search)) {
		int task = atoi(name);
		if (task == 0 || (last != 0 && shares(last, task, what)))
			continue;
		search_shelf(search, &(struct shelf){ .pid = pid, .task = task, .how = how });
		last = task;
	}
	close(tasks);
}

static void search_all(struct search *search, enum held_how how)
{
	for (size_t i = 0; i < search->pid_count && !is_late(search); i++) {
		memset(search->seen, 0, search->device_count);
		search_process(search, search->pids[i], how);
	}
}

// Descriptors of all first: only a look at memory can hang.
static void *run(void *context)
{
	struct search *search = context;
	search_all(search, HELD_OPEN);
	search_all(search, HELD_MAPPED);
	say(search, (struct held){ .pid = search->is_late || search->unfinished, .how = HELD_END });
	return NULL;
}

int holders_start(const int32_t *pids, size_t pid_count, const struct held_device *devices, size_t device_count, int ms)
{
	int ends[2];
	int error = sys_result(pipe2(ends, O_CLOEXEC));
	if (error < 0)
		return error;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	struct search search = {
		.pipe = ends[1],
		.until = sys_now() + (uint64_t)ms * 1000000,
		.pid_count = pid_count,
		.device_count = device_count,
		.devices = devices,
		.pids = pids,
		.seen = calloc(1, device_count + 1),
	};
	error = search.seen ? detached_start_apart(run, &search, &search.pipe, 1) : -ENOMEM;
	free(search.seen);
	if (error == 0)
		return ends[0];
	close(ends[0]);
	close(ends[1]);
	return error;
}
