#include "place.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "carry.h"
#include "credentials.h"
#include "detached.h"
#include "mount_calls.h"
#include "propagation.h"
#include "sys.h"

#define NAME_SIZE 256
#define OWN 4 // descriptors of a job
#define NOTHING_THERE 2

struct job {
	struct stat host_parent;
	struct placement placement;
	struct mount_tables tables;
	char parent[NAME_SIZE];
	char name[NAME_SIZE];
	enum place_task task;
	int answer;
	char mountpoints[];
};

static int open_directory(int dir, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	return sys_result(syscall(SYS_openat2, dir, path, &how, sizeof how));
}

// As the container's root, who may have mounted a directory of the host's there: what he may not make or remove is not for us to.
static int as_its_root(int (*change)(int parent, const char *name), int parent, const struct job *job)
{
	struct credentials own;
	int error = credentials_lend(job->placement.uid, job->placement.gid, &own);
	if (error < 0)
		return error;
	error = change(parent, job->name);
	credentials_resume(&own);
	return error;
}

static int make_directory(int parent, const char *name)
{
	return sys_result(mkdirat(parent, name, 0755));
}

static int remove_directory(int parent, const char *name)
{
	return sys_result(unlinkat(parent, name, AT_REMOVEDIR));
}

static int is_same(int a, int b)
{
	struct stat of_a, of_b;
	return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

// A copy of the mount at the source, which is mounted nowhere yet. What is mounted in a /sys is as it is to be.
static int copy_source(const struct placement *placement)
{
	const struct mount_attributes follows = { .propagation = MS_SLAVE };
	const struct mount_attributes stays = {
		.set = ATTRIBUTE_RDONLY | ATTRIBUTE_NOSUID | ATTRIBUTE_NOEXEC |
		       (placement->what == PLACE_DEV ? 0 : ATTRIBUTE_NODEV),
		.propagation = MS_PRIVATE,
	};
	if (placement->what == PLACE_SYS)
		return mount_copy(placement->source, TREE_RECURSIVE, &follows);
	return mount_copy(placement->source, 0, &stays);
}

// 1 or 0, or -errno. A /sys in which nothing comes later is as none: another is mounted over it.
static int is_there(int place, const struct job *job)
{
	int is_copy = is_same(place, job->placement.source);
	return is_copy && job->placement.what == PLACE_SYS ? mount_follows_host(&job->tables, place) : is_copy;
}

// 1 if it is there already, 0 if it may be mounted there, or -errno.
static int look_at(int place, const struct job *job)
{
	struct stat status;
	int there = is_there(place, job);
	if (there != 0)
		return there;
	if (job->placement.what == PLACE_UDEV && fstatat(place, "control", &status, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	int reaches = mount_reaches_host(&job->tables, place);
	return reaches > 0 ? -EBUSY : reaches;
}

static int mount_on(int place, const struct job *job, int *tree)
{
	const struct placement *placement = &job->placement;
	int result = look_at(place, job);
	if (result == 0)
		result = carry_mounts(tree, placement->mntns, place, job->mountpoints, placement->length);
	return result ? result : mount_move(*tree, place);
}

// A directory would be made on the host.
static int is_hosts(int parent, const struct job *job)
{
	struct stat status;
	return job->placement.what == PLACE_UDEV && fstat(parent, &status) == 0 &&
	       status.st_dev == job->host_parent.st_dev && status.st_ino == job->host_parent.st_ino;
}

static int open_place(int parent, const struct job *job, int *is_made)
{
	int place = open_directory(parent, job->name);
	if (place != -ENOENT || job->placement.what != PLACE_UDEV)
		return place;
	int error = as_its_root(make_directory, parent, job);
	*is_made = error == 0;
	return error < 0 && error != -EEXIST ? error : open_directory(parent, job->name);
}

static int place_in(int parent, const struct job *job, int *tree)
{
	int is_made = 0;
	int place = open_place(parent, job, &is_made);
	int result = place < 0 ? place : mount_on(place, job, tree);
	if (place >= 0)
		close(place);
	if (result < 0 && is_made)
		as_its_root(remove_directory, parent, job);
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

// If something is in it, it is not only for ours any more.
static int take_away_made(int parent, const struct job *job)
{
	int result = take_away_from(parent, job);
	if (result == 0)
		as_its_root(remove_directory, parent, job);
	return result;
}

static int look_in(int parent, const struct job *job)
{
	int place = open_directory(parent, job->name);
	if (place == -ENOENT)
		return job->placement.what == PLACE_UDEV ? NOTHING_THERE : 0;
	if (place < 0)
		return place;
	int there = is_there(place, job);
	close(place);
	return there;
}

static int do_task(enum place_task task, int parent, const struct job *job, int *tree)
{
	switch (task) {
	case PLACE_MOUNT:
		return place_in(parent, job, tree);
	case PLACE_TAKE_AWAY:
		return take_away_from(parent, job);
	case PLACE_TAKE_AWAY_MADE:
		return take_away_made(parent, job);
	case PLACE_LOOK:
		return look_in(parent, job);
	default:
		return -EINVAL;
	}
}

// In the container's mount namespace.
static int work_inside(enum place_task task, const struct job *job, int *tree)
{
	int parent = open_directory(job->placement.root, job->parent);
	if (parent < 0)
		return parent;
	int result = is_hosts(parent, job) ? -EBUSY : do_task(task, parent, job, tree);
	close(parent);
	return result;
}

static int enter(struct job *job)
{
	int error = mount_tables_open(&job->tables);
	return error ? error : sys_result(setns(job->placement.mntns, CLONE_NEWNS));
}

static int work(struct job *job)
{
	int mounts = job->task == PLACE_MOUNT;
	int tree = mounts ? copy_source(&job->placement) : -1;
	if (mounts && tree < 0)
		return tree;
	int result = enter(job);
	if (result == 0)
		result = work_inside(job->task, job, &tree);
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
	const int own[] = { job->placement.mntns, job->placement.root, job->placement.source, job->answer };
	for (int i = 0; i < OWN; i++)
		if (own[i] >= 0)
			close(own[i]);
	mount_tables_close(&job->tables);
	free(job);
}

static void *run(void *context)
{
	struct job *job = context;
	int result = work(job);
	int is_mounted = result == 0 && job->task == PLACE_MOUNT;
	if (!is_taken(job, result) && is_mounted)
		work_inside(PLACE_TAKE_AWAY, job, NULL); // nobody else would take it away
	return NULL; // what the job holds goes with the process
}

// Ascending; -errno if it fails.
static int duplicate(int fd, int above)
{
	return sys_result(fcntl(fd, F_DUPFD_CLOEXEC, above + 1));
}

static struct job *new_job(const struct placement *placement, enum place_task task, int answer)
{
	struct job *job = calloc(1, sizeof *job + placement->length + 1);
	if (job == NULL)
		return NULL;
	job->placement = *placement;
	job->placement.mntns = duplicate(placement->mntns, -1);
	job->placement.root = duplicate(placement->root, job->placement.mntns);
	job->placement.source = duplicate(placement->source, job->placement.root);
	job->answer = duplicate(answer, job->placement.source);
	job->tables = (struct mount_tables){ -1, -1 };
	stat(placement->parent, &job->host_parent);
	strncpy(job->parent, placement->parent, NAME_SIZE - 1);
	strncpy(job->name, placement->name, NAME_SIZE - 1);
	if (placement->length > 0)
		memcpy(job->mountpoints, placement->mountpoints, placement->length);
	job->task = task;
	return job;
}

static int start(struct job *job)
{
	const int own[OWN] = { job->placement.mntns, job->placement.root, job->placement.source, job->answer };
	int error = detached_start_apart(run, job, own, OWN);
	if (error < 0)
		end_job(job);
	else
		free(job);
	return error;
}

int place_start(const struct placement *placement, enum place_task task)
{
	int ends[2];
	int error = sys_result(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	if (error < 0)
		return error;
	struct job *job = new_job(placement, task, ends[1]);
	error = job ? start(job) : -ENOMEM;
	close(ends[1]);
	if (error == 0)
		return ends[0];
	close(ends[0]);
	return error;
}
