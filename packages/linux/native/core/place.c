#include "place.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "detached.h"
#include "sys.h"

// <linux/mount.h>, which clashes with older C libraries
#define TREE_CLONE 1
#define TREE_CLOEXEC O_CLOEXEC
#define MOVE_FROM_FD 0x04
#define MOVE_TO_FD 0x40
#define ATTRIBUTES (1 | 2 | 4 | 8) // MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC
#define NAME_SIZE 256

struct mount_attributes {
	uint64_t set;
	uint64_t clear;
	uint64_t propagation;
	uint64_t userns;
};

struct job {
	struct stat host_run;
	struct placement placement;
	char parent[NAME_SIZE];
	char name[NAME_SIZE];
	int take_away;
	int answer;
};

// A copy of the mount at a directory, which is mounted nowhere yet.
static int clone_mount(int source)
{
	int tree = sys_result(syscall(SYS_open_tree, source, "", AT_EMPTY_PATH | TREE_CLONE | TREE_CLOEXEC));
	if (tree < 0)
		return tree;
	struct mount_attributes attributes = { .set = ATTRIBUTES, .propagation = MS_PRIVATE };
	int error = sys_result(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
	if (error == 0)
		return tree;
	close(tree);
	return error;
}

static int open_directory(int dir, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	return sys_result(syscall(SYS_openat2, dir, path, &how, sizeof how));
}

// As the container's root: what the host's root makes there would be nobody's.
static int make_directory(int parent, const struct job *job)
{
	setfsgid(job->placement.gid);
	setfsuid(job->placement.uid);
	int error = sys_result(mkdirat(parent, job->name, 0755));
	setfsuid(0);
	setfsgid(0);
	return error;
}

static int is_same(int a, int b)
{
	struct stat of_a, of_b;
	return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static int mount_on(int place, const struct job *job, int tree)
{
	struct stat status;
	if (is_same(place, job->placement.source))
		return 1;
	if (fstatat(place, "control", &status, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	return sys_result(syscall(SYS_move_mount, tree, "", place, "", MOVE_FROM_FD | MOVE_TO_FD));
}

// Where it is the host's own, a directory would be made on the host, and a mount might be seen there.
static int is_hosts(int parent, const struct job *job)
{
	struct stat status;
	return fstat(parent, &status) == 0 && status.st_dev == job->host_run.st_dev && status.st_ino == job->host_run.st_ino;
}

static int place_in(int parent, const struct job *job, int tree)
{
	int place = open_directory(parent, job->name);
	if (place == -ENOENT) {
		int error = make_directory(parent, job);
		if (error < 0 && error != -EEXIST)
			return error;
		place = open_directory(parent, job->name);
	}
	if (place < 0)
		return place;
	int result = mount_on(place, job, tree);
	close(place);
	return result;
}

// The parent is held, and the last name is no symlink: nothing else can be unmounted instead.
static int take_away_from(int parent, const struct job *job)
{
	int place = open_directory(parent, job->name);
	if (place < 0)
		return place == -ENOENT ? 1 : place;
	int ours = is_same(place, job->placement.source);
	close(place);
	if (!ours)
		return 1;
	int error = sys_result(fchdir(parent));
	return error ? error : sys_result(umount2(job->name, MNT_DETACH | UMOUNT_NOFOLLOW));
}

// In the container's mount namespace.
static int work_inside(const struct job *job, int tree)
{
	int parent = open_directory(AT_FDCWD, job->parent);
	if (parent < 0)
		return parent;
	int result = -EBUSY;
	if (!is_hosts(parent, job))
		result = tree < 0 ? take_away_from(parent, job) : place_in(parent, job, tree);
	close(parent);
	return result;
}

static int work(const struct job *job)
{
	int tree = job->take_away ? -1 : clone_mount(job->placement.source);
	if (!job->take_away && tree < 0)
		return tree;
	int result = sys_result(setns(job->placement.mntns, CLONE_NEWNS));
	if (result == 0)
		result = work_inside(job, tree);
	if (tree >= 0)
		close(tree);
	return result;
}

// Waits until who asked has closed the pipe: whatever he believes then, he has read the answer or he has not.
static int is_taken(const struct job *job, int result)
{
	if (write(job->answer, &result, sizeof result) != sizeof result)
		return 0;
	struct pollfd answer = { .fd = job->answer };
	int unread = 0;
	while (poll(&answer, 1, -1) < 0 && errno == EINTR)
		;
	return ioctl(job->answer, FIONREAD, &unread) == 0 && unread == 0;
}

static void end_job(struct job *job)
{
	if (job->placement.mntns >= 0)
		close(job->placement.mntns);
	if (job->placement.source >= 0)
		close(job->placement.source);
	if (job->answer >= 0)
		close(job->answer);
	free(job);
}

static void *run(void *context)
{
	struct job *job = context;
	int result = work(job);
	int is_mounted = result == 0 && !job->take_away;
	if (!is_taken(job, result) && is_mounted)
		work_inside(job, -1); // nobody else would take it away
	end_job(job);
	return NULL;
}

static struct job *new_job(const struct placement *placement, int take_away, int answer)
{
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL)
		return NULL;
	job->placement = *placement;
	job->placement.mntns = fcntl(placement->mntns, F_DUPFD_CLOEXEC, 0);
	job->placement.source = fcntl(placement->source, F_DUPFD_CLOEXEC, job->placement.mntns + 1);
	stat(placement->parent, &job->host_run);
	strncpy(job->parent, placement->parent, NAME_SIZE - 1);
	strncpy(job->name, placement->name, NAME_SIZE - 1);
	job->take_away = take_away;
	job->answer = fcntl(answer, F_DUPFD_CLOEXEC, job->placement.source + 1);
	return job;
}

static int start(struct job *job)
{
	const int own[] = { job->placement.mntns, job->placement.source, job->answer }; // ascending
	int error = own[0] < 0 || own[1] < 0 || own[2] < 0 ? -EBADF : detached_start_apart(run, job, own, 3);
	if (error < 0)
		end_job(job);
	else
		free(job);
	return error;
}

int place_start(const struct placement *placement, int take_away)
{
	int ends[2];
	int error = sys_result(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	if (error < 0)
		return error;
	struct job *job = new_job(placement, take_away, ends[1]);
	error = job ? start(job) : -ENOMEM;
	close(ends[1]);
	if (error == 0)
		return ends[0];
	close(ends[0]);
	return error;
}
