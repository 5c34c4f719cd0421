#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../core/credentials.h"
#include "../core/place.h"
#include "../core/propagation.h"
#include "check.h"

#define SKIPPED 77
#define OTHER 100000 // an id of a container

struct container {
	pid_t pid;
	int leash;
	int mntns;
	int root;
};

// Its /run and /dev are of its own; in its /dev something is mounted at `shm`, and something in that.
static int mount_own(void)
{
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("none", "/run", "tmpfs", 0, NULL) == 0 &&
	       mount("none", "/dev", "tmpfs", 0, NULL) == 0 && mkdir("/dev/shm", 0755) == 0 && mkdir("/dev/plain", 0755) == 0 &&
	       mkdir("/dev/full", 0755) == 0 && mount("none", "/dev/full", "tmpfs", 0, NULL) == 0 &&
	       mount("none", "/dev/shm", "tmpfs", 0, NULL) == 0 && mount("none", "/dev/shm", NULL, MS_SHARED, NULL) == 0 &&
	       mkdir("/dev/shm/deep", 0755) == 0 && mount("none", "/dev/shm/deep", "tmpfs", 0, NULL) == 0;
}

// Its /mnt is the host's, and shared with it; what is mounted in that is its own.
static int share(void)
{
	return mount("none", "/mnt/own", "tmpfs", 0, NULL) == 0 && mount("none", "/mnt/own", NULL, MS_PRIVATE, NULL) == 0;
}

static void live(int (*prepare)(void), int ready, int leash)
{
	char byte = 0;
	if (unshare(CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	int made = prepare();
	if (write(ready, &byte, made ? 1 : 0) == 1)
		while (read(leash, &byte, 1) < 0)
			;
	_exit(made ? 0 : 1);
}

static struct container start(int (*prepare)(void))
{
	int ready[2], leash[2];
	char byte, path[64];
	struct container container = { .mntns = -1, .root = -1 };
	CHECK(pipe2(ready, O_CLOEXEC) == 0 && pipe2(leash, O_CLOEXEC) == 0);
	container.pid = fork();
	if (container.pid == 0) {
		close(leash[1]);
		live(prepare, ready[1], leash[0]);
	}
	close(ready[1]);
	close(leash[0]);
	container.leash = leash[1];
	if (read(ready[0], &byte, 1) == 1) {
		snprintf(path, sizeof path, "/proc/%d/ns/mnt", container.pid);
		container.mntns = open(path, O_RDONLY | O_CLOEXEC);
		snprintf(path, sizeof path, "/proc/%d/root", container.pid);
		container.root = open(path, O_PATH | O_CLOEXEC);
	}
	close(ready[0]);
	return container;
}

static void end(struct container container)
{
	close(container.leash);
	CHECK(waitpid(container.pid, NULL, 0) == container.pid);
	if (container.mntns >= 0)
		close(container.mntns);
	if (container.root >= 0)
		close(container.root);
}

static int ask(const struct placement *placement, enum place_task task)
{
	int result = 0;
	struct pollfd answer = { .fd = place_start(placement, task), .events = POLLIN };
	CHECK(answer.fd >= 0);
	CHECK(poll(&answer, 1, 5000) == 1);
	CHECK(read(answer.fd, &result, sizeof result) == sizeof result);
	close(answer.fd);
	return result;
}

static struct placement placement_at(struct container container, int source, const char *parent, const char *name)
{
	return (struct placement){
		.mntns = container.mntns,
		.root = container.root,
		.source = source,
		.parent = parent,
		.name = name,
	};
}

static void make_file(struct container container, const char *name)
{
	char path[128];
	snprintf(path, sizeof path, "/proc/%d/root/run/%s", container.pid, name);
	int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(file >= 0);
	close(file);
}

static void it_is_there_until_it_is_taken_away(struct container container, int source)
{
	struct placement placement = placement_at(container, source, "/run", "udev");
	struct placement nowhere = placement_at(container, source, "/nowhere", "udev");
	struct placement on_a_file = placement_at(container, source, "/run", "file");
	struct placement taken = placement_at(container, source, "/run", "taken");
	struct placement in_tmp = placement_at(container, source, "/tmp", "udev");
	CHECK(ask(&in_tmp, PLACE_MOUNT) == -EBUSY); // it shares the host's
	CHECK(ask(&placement, PLACE_TAKE_AWAY) == 1);
	CHECK(ask(&placement, PLACE_LOOK) == 2);
	CHECK(ask(&placement, PLACE_MOUNT) == 0);
	CHECK(ask(&placement, PLACE_MOUNT) == 1);
	CHECK(ask(&placement, PLACE_LOOK) == 1);
	CHECK(ask(&placement, PLACE_TAKE_AWAY) == 0);
	CHECK(ask(&placement, PLACE_TAKE_AWAY) == 1);
	CHECK(ask(&placement, PLACE_LOOK) == 0);
	CHECK(ask(&nowhere, PLACE_MOUNT) == -ENOENT);
	make_file(container, "file");
	CHECK(ask(&on_a_file, PLACE_MOUNT) == -ENOTDIR);
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/root/run/taken", container.pid);
	CHECK(mkdir(path, 0755) == 0);
	make_file(container, "taken/control");
	CHECK(ask(&taken, PLACE_MOUNT) == -EEXIST);
}

// What was made for it goes with it if that is asked for, and where it cannot be mounted; nothing else does.
static void the_place_that_is_made_for_it_goes(struct container container, int source)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/root/run/made", container.pid);
	struct placement made = placement_at(container, source, "/run", "made");
	CHECK(ask(&made, PLACE_LOOK) == 2);
	CHECK(ask(&made, PLACE_MOUNT) == 0);
	CHECK(ask(&made, PLACE_TAKE_AWAY_MADE) == 0);
	CHECK(access(path, F_OK) < 0);
	CHECK(ask(&made, PLACE_TAKE_AWAY_MADE) == 1);
	CHECK(mkdir(path, 0755) == 0);
	CHECK(ask(&made, PLACE_TAKE_AWAY_MADE) == 1);
	CHECK(ask(&made, PLACE_LOOK) == 0);
	CHECK(rmdir(path) == 0);
}

static void be_in_root_group(int in)
{
	const gid_t group = 0;
	CHECK(setgroups(in, &group) == 0);
}

// Whatever the relay is: with its rights he would make and remove in directories of the host's that he mounts on his /run.
static void its_root_makes_and_removes_what_he_may(struct container container, int source)
{
	char path[64], run[64];
	snprintf(path, sizeof path, "/proc/%d/root/run/own", container.pid);
	snprintf(run, sizeof run, "/proc/%d/root/run", container.pid);
	struct placement own = placement_at(container, source, "/run", "own");
	struct placement others = own;
	others.uid = others.gid = OTHER;
	be_in_root_group(1);
	CHECK(chmod(run, 0775) == 0);
	CHECK(ask(&others, PLACE_MOUNT) == -EACCES);
	be_in_root_group(0);
	CHECK(chmod(run, 0755) == 0);
	CHECK(access(path, F_OK) < 0);
	CHECK(ask(&own, PLACE_MOUNT) == 0);
	CHECK(ask(&others, PLACE_TAKE_AWAY_MADE) == 0);
	CHECK(access(path, F_OK) == 0);
	CHECK(rmdir(path) == 0);
	CHECK(chown(run, OTHER, OTHER) == 0);
	CHECK(ask(&own, PLACE_MOUNT) == -EACCES); // a root without capabilities is a user as others
	CHECK(ask(&others, PLACE_MOUNT) == 0);
	CHECK(ask(&others, PLACE_TAKE_AWAY_MADE) == 0);
	CHECK(access(path, F_OK) < 0);
	CHECK(chown(run, 0, 0) == 0);
}

static void lend_and_resume(void)
{
	struct credentials own, then, after;
	CHECK(credentials_lend(OTHER, OTHER, &own) == 0);
	CHECK(credentials_lend(OTHER, OTHER, &then) == 0);
	credentials_resume(&then);
	CHECK(then.uid == OTHER && then.gid == OTHER && then.capabilities[0].effective == 0);
	credentials_resume(&own);
	CHECK(credentials_lend(0, 0, &after) == 0);
	CHECK(memcmp(&own, &after, sizeof own) == 0);
	_exit(0);
}

static void who_worked_as_another_is_as_before(void)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		lend_and_resume();
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int is_mounted(struct container container)
{
	char path[64], line[1024];
	int found = 0;
	snprintf(path, sizeof path, "/proc/%d/mountinfo", container.pid);
	FILE *mounts = fopen(path, "re");
	CHECK(mounts != NULL);
	while (fgets(line, sizeof line, mounts) != NULL)
		found |= strstr(line, " /run/udev ") != NULL;
	fclose(mounts);
	return found;
}

static void what_nobody_waits_for_any_more_is_taken_away(struct container container, int source)
{
	struct placement placement = placement_at(container, source, "/run", "udev");
	struct pollfd answer = { .fd = place_start(&placement, PLACE_MOUNT), .events = POLLIN };
	CHECK(poll(&answer, 1, 5000) == 1);
	CHECK(is_mounted(container));
	close(answer.fd);
	for (int i = 0; i < 500 && is_mounted(container); i++)
		usleep(10000);
	CHECK(!is_mounted(container));
}

static int is_there(struct container container, const char *name)
{
	char path[128];
	snprintf(path, sizeof path, "/proc/%d/root/dev/%s", container.pid, name);
	return access(path, F_OK) == 0;
}

static void make_mountpoints(const char *directory)
{
	char path[128];
	const char *const names[] = { "", "/shm", "/plain", "/full" };
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/dev%s", directory, names[i]);
		CHECK(mkdir(path, 0755) == 0);
	}
}

static void remove_mountpoints(const char *directory)
{
	char path[128];
	const char *const names[] = { "/shm", "/plain", "/full", "" };
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/dev%s", directory, names[i]);
		CHECK(rmdir(path) == 0);
	}
}

// `none` is in the container's /dev alone, `full` is not asked for, `plain` is no mount: each is as it is in ours.
static void what_is_mounted_below_a_dev_comes_along(struct container container, const char *directory)
{
	static const char names[] = "none\0plain\0shm";
	char path[64];
	snprintf(path, sizeof path, "%s/dev", directory);
	int source = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct placement dev = placement_at(container, source, "/", "dev");
	dev.what = PLACE_DEV;
	dev.mountpoints = names;
	dev.length = sizeof names;
	make_file(container, "../dev/shm/deep/file");
	make_file(container, "../dev/full/file");
	make_file(container, "../dev/plain/file");
	CHECK(ask(&dev, PLACE_MOUNT) == 0);
	CHECK(ask(&dev, PLACE_MOUNT) == 1);
	CHECK(is_there(container, "shm/deep/file"));
	CHECK(is_there(container, "full") && !is_there(container, "full/file"));
	CHECK(is_there(container, "plain") && !is_there(container, "plain/file"));
	CHECK(ask(&dev, PLACE_TAKE_AWAY) == 0);
	CHECK(ask(&dev, PLACE_TAKE_AWAY) == 1);
	CHECK(is_there(container, "shm/deep/file") && is_there(container, "full/file") && is_there(container, "plain/file"));
	dev.name = "nowhere";
	CHECK(ask(&dev, PLACE_MOUNT) == -ENOENT);
	CHECK(!is_there(container, "../nowhere"));
	close(source);
}

// A namespace of ours that can be shared as the host's, which is nobody's to change.
static void share_with_a_container(const char *directory)
{
	if (unshare(CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	CHECK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("none", "/mnt", "tmpfs", 0, NULL) == 0 && mkdir("/mnt/dev", 0755) == 0 && mkdir("/mnt/own", 0755) == 0);
	CHECK(mount("none", "/mnt", NULL, MS_SHARED, NULL) == 0);
	int source = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct container container = start(share);
	struct placement shared = placement_at(container, source, "/mnt", "dev");
	struct placement own = placement_at(container, source, "/mnt", "own");
	shared.what = own.what = PLACE_DEV;
	CHECK(ask(&shared, PLACE_MOUNT) == -EBUSY);
	CHECK(ask(&own, PLACE_MOUNT) == 0);
	CHECK(ask(&own, PLACE_TAKE_AWAY) == 0);
	end(container);
	close(source);
	_exit(0);
}

static void nothing_is_mounted_where_the_host_would_have_it_too(const char *directory)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		share_with_a_container(directory);
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SKIPPED));
}

// <sanitizer/allocator_interface.h>, which not every compiler brings
int __sanitizer_install_malloc_and_free_hooks(
	void (*made)(const volatile void *memory, size_t size), void (*freed)(const volatile void *memory));

static int allocations;

static void count_allocation(const volatile void *memory, size_t size)
{
	(void)memory;
	(void)size;
	allocations++;
}

static void ignore_free(const volatile void *memory)
{
	(void)memory;
}

// A child of a program with threads may find the lock of its memory held, by nobody who is there to give it back.
static void that_the_host_has_it_too_is_found_out_without_memory_of_its_own(void)
{
	struct mount_tables tables;
	CHECK(__sanitizer_install_malloc_and_free_hooks(count_allocation, ignore_free) != 0);
	void *volatile one = malloc(1);
	free(one);
	CHECK(allocations > 0);
	int place = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	allocations = 0;
	CHECK(mount_tables_open(&tables) == 0 && mount_reaches_host(&tables, place) >= 0);
	mount_tables_close(&tables);
	CHECK(allocations == 0);
	close(place);
}

static void it_leaves_us_as_we_were(int source)
{
	struct placement closed = { .mntns = -1, .root = -1, .source = source, .parent = "/run", .name = "udev" };
	CHECK(place_start(&closed, PLACE_MOUNT) == -EBADF);
	CHECK(geteuid() == 0 && access("/run", W_OK) == 0);
}

void test_place(void)
{
	char directory[] = "/tmp/uevent-bridge-place-XXXXXX";
	if (geteuid() != 0) {
		printf("skipped: mounting needs root\n");
		return;
	}
	CHECK(mkdtemp(directory) != NULL);
	int source = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct container container = start(mount_own);
	if (container.mntns < 0) {
		printf("skipped: no mount namespaces here\n");
	} else {
		it_is_there_until_it_is_taken_away(container, source);
		the_place_that_is_made_for_it_goes(container, source);
		its_root_makes_and_removes_what_he_may(container, source);
		who_worked_as_another_is_as_before();
		what_nobody_waits_for_any_more_is_taken_away(container, source);
		make_mountpoints(directory);
		what_is_mounted_below_a_dev_comes_along(container, directory);
		remove_mountpoints(directory);
		nothing_is_mounted_where_the_host_would_have_it_too(directory);
		that_the_host_has_it_too_is_found_out_without_memory_of_its_own();
		it_leaves_us_as_we_were(source);
	}
	end(container);
	close(source);
	CHECK(rmdir(directory) == 0);
}
