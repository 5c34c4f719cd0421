#include <errno.h>
#include <fcntl.h>
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

#include "../core/place.h"
#include "check.h"

#define SKIPPED 77

struct container {
	pid_t pid;
	int leash;
	int mntns;
};

// Its /run is a tmpfs of its own.
static void live(int ready, int leash)
{
	char byte = 0;
	if (unshare(CLONE_NEWNS) < 0)
		_exit(SKIPPED);
	int made = mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("none", "/run", "tmpfs", 0, NULL) == 0;
	if (write(ready, &byte, made ? 1 : 0) == 1)
		while (read(leash, &byte, 1) < 0)
			;
	_exit(made ? 0 : 1);
}

static struct container start(void)
{
	int ready[2], leash[2];
	char byte, path[64];
	struct container container = { .mntns = -1 };
	CHECK(pipe2(ready, O_CLOEXEC) == 0 && pipe2(leash, O_CLOEXEC) == 0);
	container.pid = fork();
	if (container.pid == 0) {
		close(leash[1]);
		live(ready[1], leash[0]);
	}
	close(ready[1]);
	close(leash[0]);
	container.leash = leash[1];
	if (read(ready[0], &byte, 1) == 1) {
		snprintf(path, sizeof path, "/proc/%d/ns/mnt", container.pid);
		container.mntns = open(path, O_RDONLY | O_CLOEXEC);
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
}

static int ask(const struct placement *placement, int take_away)
{
	int result = 0;
	struct pollfd answer = { .fd = place_start(placement, take_away), .events = POLLIN };
	CHECK(answer.fd >= 0);
	CHECK(poll(&answer, 1, 5000) == 1);
	CHECK(read(answer.fd, &result, sizeof result) == sizeof result);
	close(answer.fd);
	return result;
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
	struct placement placement = { container.mntns, source, "/run", "udev", 0, 0 };
	struct placement nowhere = { container.mntns, source, "/nowhere", "udev", 0, 0 };
	struct placement on_a_file = { container.mntns, source, "/run", "file", 0, 0 };
	struct placement taken = { container.mntns, source, "/run", "taken", 0, 0 };
	struct placement in_tmp = { container.mntns, source, "/tmp", "udev", 0, 0 };
	CHECK(ask(&in_tmp, 0) == -EBUSY); // it shares the host's
	CHECK(ask(&placement, 1) == 1);
	CHECK(ask(&placement, 0) == 0);
	CHECK(ask(&placement, 0) == 1);
	CHECK(ask(&placement, 1) == 0);
	CHECK(ask(&placement, 1) == 1);
	CHECK(ask(&nowhere, 0) == -ENOENT);
	make_file(container, "file");
	CHECK(ask(&on_a_file, 0) == -ENOTDIR);
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/root/run/taken", container.pid);
	CHECK(mkdir(path, 0755) == 0);
	make_file(container, "taken/control");
	CHECK(ask(&taken, 0) == -EEXIST);
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
	struct placement placement = { container.mntns, source, "/run", "udev", 0, 0 };
	struct pollfd answer = { .fd = place_start(&placement, 0), .events = POLLIN };
	CHECK(poll(&answer, 1, 5000) == 1);
	CHECK(is_mounted(container));
	close(answer.fd);
	for (int i = 0; i < 500 && is_mounted(container); i++)
		usleep(10000);
	CHECK(!is_mounted(container));
}

static void it_leaves_us_as_we_were(int source)
{
	struct placement closed = { -1, source, "/run", "udev", 0, 0 };
	CHECK(place_start(&closed, 0) == -EBADF);
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
	struct container container = start();
	if (container.mntns < 0) {
		printf("skipped: no mount namespaces here\n");
	} else {
		it_is_there_until_it_is_taken_away(container, source);
		what_nobody_waits_for_any_more_is_taken_away(container, source);
		it_leaves_us_as_we_were(source);
	}
	end(container);
	close(source);
	CHECK(rmdir(directory) == 0);
}
