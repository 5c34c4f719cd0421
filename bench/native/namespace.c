// namespace: a user and a network namespace of the bench's own, which end with this process.
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail(path);
	close(fd);
}

// Id 0 inside is who started us: the one id that may be mapped without privilege.
static void map_root(const char *path, unsigned id)
{
	char map[32];
	snprintf(map, sizeof map, "0 %u 1", id);
	write_file(path, map);
}

int main(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	uint32_t ignored;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		fail("unshare");
	write_file("/proc/self/setgroups", "deny");
	map_root("/proc/self/uid_map", uid);
	map_root("/proc/self/gid_map", gid);
	worker_ready();
	while (worker_next(&ignored))
		;
}
