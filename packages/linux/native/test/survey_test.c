#include "../core/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../core/glance.h"
#include "check.h"

static uint8_t answer[GLANCE_ANSWER];

static struct survey survey(int root, const char *path)
{
	struct pollfd pipe = { .fd = survey_start(root, path), .events = POLLIN };
	struct survey found;
	CHECK(pipe.fd >= 0);
	CHECK(poll(&pipe, 1, 5000) == 1);
	ssize_t length = read(pipe.fd, answer, sizeof answer);
	close(pipe.fd);
	memcpy(&found, answer, sizeof found);
	CHECK(length == (ssize_t)found.length);
	return found;
}

static struct survey_entry entry_called(const char *name)
{
	struct survey found;
	struct survey_entry entry = { 0 };
	memcpy(&found, answer, sizeof found);
	for (size_t at = sizeof found; at < found.length; at += sizeof entry + entry.length) {
		memcpy(&entry, answer + at, sizeof entry);
		if (entry.length == strlen(name) && memcmp(answer + at + sizeof entry, name, entry.length) == 0)
			return entry;
	}
	return (struct survey_entry){ 0 };
}

static int bind_at(const char *directory, const char *name, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", directory, name);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
	return fd;
}

static void each_entry_is_what_it_is(int root, const char *path)
{
	int open = bind_at(path, "open", SOCK_DGRAM), stream = bind_at(path, "stream", SOCK_STREAM);
	close(bind_at(path, "dead", SOCK_DGRAM));
	CHECK(symlinkat("open", root, "link") == 0);
	CHECK(survey(root, ".").more == 0);
	CHECK(entry_called("open").type == S_IFSOCK && entry_called("open").error == 0);
	CHECK(entry_called("stream").type == S_IFSOCK && entry_called("stream").error == -EPROTOTYPE);
	CHECK(entry_called("dead").type == S_IFSOCK && entry_called("dead").error == -ECONNREFUSED);
	CHECK(entry_called("link").type == S_IFLNK);
	close(open);
	close(stream);
	const char *const names[] = { "open", "stream", "dead", "link" };
	for (int i = 0; i < 4; i++)
		CHECK(unlinkat(root, names[i], 0) == 0);
}

static void what_is_no_directory_is_said_to_be(int root)
{
	close(openat(root, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	CHECK(symlinkat("/../../file", root, "climbing") == 0);
	CHECK(symlinkat("/proc/self/root", root, "outside") == 0);
	CHECK(S_ISREG(survey(root, "file").mode) && S_ISREG(survey(root, "/climbing").mode));
	CHECK(survey(root, "outside").error == -ENOENT && survey(root, "nowhere").error == -ENOENT);
	const char *const names[] = { "file", "climbing", "outside" };
	for (int i = 0; i < 3; i++)
		CHECK(unlinkat(root, names[i], 0) == 0);
}

static void more_than_fits_is_left_out(int root)
{
	char name[256];
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "%0250d", i);
		close(openat(root, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
	struct survey found = survey(root, ".");
	CHECK(found.more == 1 && found.length > GLANCE_ANSWER - 600);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "%0250d", i);
		CHECK(unlinkat(root, name, 0) == 0);
	}
}

void test_survey(void)
{
	char path[] = "/tmp/uevent-bridge-survey-XXXXXX";
	CHECK(mkdtemp(path) != NULL);
	int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	each_entry_is_what_it_is(root, path);
	what_is_no_directory_is_said_to_be(root);
	more_than_fits_is_left_out(root);
	CHECK(survey_start(-1, ".") == -EBADF);
	close(root);
	CHECK(rmdir(path) == 0);
}
