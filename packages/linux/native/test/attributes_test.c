#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../core/attribute.h"
#include "check.h"

struct answer {
	int error;
	char bytes[ATTRIBUTE_MAX];
};

static ssize_t await(int pipe, struct answer *answer)
{
	struct pollfd ready = { .fd = pipe, .events = POLLIN };
	CHECK(poll(&ready, 1, 5000) == 1);
	ssize_t length = read(pipe, answer, sizeof *answer);
	CHECK(length >= (ssize_t)sizeof answer->error);
	close(pipe);
	return length - (ssize_t)sizeof answer->error;
}

static int error_of(int root, const char *path)
{
	struct answer answer;
	int pipe = attribute_start(root, path);
	CHECK(pipe >= 0);
	await(pipe, &answer);
	return answer.error;
}

static void the_bytes_come(int root)
{
	struct answer answer;
	ssize_t length = await(attribute_start(root, "kernel/ostype"), &answer);
	CHECK(answer.error == 0 && length == strlen("Linux\n") && memcmp(answer.bytes, "Linux\n", 6) == 0);
}

static void the_reason_comes_where_there_are_none(int root)
{
	CHECK(error_of(root, "no/such/file") == -ENOENT);
	CHECK(error_of(root, "kernel") == -EISDIR);
	CHECK(error_of(root, "../self/status") == -EXDEV);
	CHECK(error_of(root, "") == -ENOENT);
	CHECK(attribute_start(-1, "kernel/ostype") == -EBADF);
}

static void it_does_not_begin_without_a_descriptor_for_the_root(int root)
{
	struct rlimit before, full;
	int next = dup(root);
	close(next);
	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	full = before;
	full.rlim_cur = (rlim_t)next + 2; // those of the pipe
	CHECK(setrlimit(RLIMIT_NOFILE, &full) == 0);
	CHECK(attribute_start(root, "kernel/ostype") == -EMFILE);
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
	int after = dup(root);
	CHECK(after == next);
	close(after);
}

static void nobody_need_wait(int root)
{
	for (int i = 0; i < 50; i++)
		close(attribute_start(root, "kernel/ostype"));
	usleep(200000); // the threads end
}

void test_attributes(void)
{
	int root = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	the_bytes_come(root);
	the_reason_comes_where_there_are_none(root);
	it_does_not_begin_without_a_descriptor_for_the_root(root);
	nobody_need_wait(root);
	close(root);
}
