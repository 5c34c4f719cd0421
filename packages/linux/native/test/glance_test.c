#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/glance.h"
#include "check.h"

static int glance(int root, const char *paths, size_t length, struct glimpse *seen, size_t size)
{
	struct pollfd answer = { .fd = glance_start(root, paths, length), .events = POLLIN };
	CHECK(answer.fd >= 0);
	CHECK(poll(&answer, 1, 5000) == 1);
	ssize_t count = read(answer.fd, seen, size);
	close(answer.fd);
	return (int)count;
}

static void make_file(int root, const char *name)
{
	int file = openat(root, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
	CHECK(file >= 0);
	close(file);
}

// An absolute symlink, and one that climbs, lead to the file of that root and never to the one outside.
static void links_lead_within_the_root(int root)
{
	const char paths[] = "file\0absolute\0climbing\0nowhere\0outside";
	struct glimpse seen[8];
	make_file(root, "file");
	CHECK(symlinkat("/file", root, "absolute") == 0);
	CHECK(symlinkat("../../../file", root, "climbing") == 0);
	CHECK(symlinkat("/proc/self/exe", root, "outside") == 0);
	CHECK(glance(root, paths, sizeof paths, seen, sizeof seen) == 5 * (int)sizeof *seen);
	for (int i = 0; i < 3; i++)
		CHECK(seen[i].error == 0 && S_ISREG(seen[i].mode) && (seen[i].mode & S_IXUSR));
	CHECK(seen[3].error == -ENOENT && seen[4].error == -ENOENT);
	for (const char *name = paths; name < paths + sizeof paths; name += strlen(name) + 1)
		unlinkat(root, name, 0);
}

// The number is that of the machine's own null, wherever the node lies.
static void a_node_has_its_number(int root)
{
	struct glimpse seen;
	CHECK(symlinkat("/dev/null", root, "null") == 0);
	int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(glance(host, "dev/null", sizeof "dev/null", &seen, sizeof seen) == (int)sizeof seen);
	CHECK(seen.error == 0 && S_ISCHR(seen.mode) && seen.major == 1 && seen.minor == 3 && seen.no_devices == 0);
	CHECK(glance(root, "null", sizeof "null", &seen, sizeof seen) == (int)sizeof seen && seen.error == -ENOENT);
	close(host);
	unlinkat(root, "null", 0);
}

static void a_file_has_its_owner(int root)
{
	struct glimpse seen;
	make_file(root, "owned");
	CHECK(glance(root, "owned", sizeof "owned", &seen, sizeof seen) == (int)sizeof seen);
	CHECK(seen.uid == geteuid() && seen.gid == getegid());
	unlinkat(root, "owned", 0);
}

static void more_than_fits_is_left_out(int root)
{
	char paths[2 * (GLANCE_MAX + 8)];
	struct glimpse seen[GLANCE_MAX + 8];
	for (size_t i = 0; i < sizeof paths; i++)
		paths[i] = i % 2 == 0 ? 'x' : '\0';
	CHECK(glance(root, paths, sizeof paths, seen, sizeof seen) == GLANCE_MAX * (int)sizeof *seen);
	CHECK(glance_start(-1, paths, sizeof paths) == -EBADF);
}

void test_glance(void)
{
	char directory[] = "/tmp/uevent-bridge-glance-XXXXXX";
	CHECK(mkdtemp(directory) != NULL);
	int root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	links_lead_within_the_root(root);
	a_node_has_its_number(root);
	a_file_has_its_owner(root);
	more_than_fits_is_left_out(root);
	close(root);
	CHECK(rmdir(directory) == 0);
}
