#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/directory.h"
#include "../core/testing.h"
#include "check.h"

static void a_listener_is_reached_through_its_file(const char *directory)
{
	char path[200], byte;
	snprintf(path, sizeof path, "%s/a.sock", directory);
	int listener = datagram_bind(path);
	int file = open(path, O_PATH | O_NOFOLLOW);
	CHECK(listener >= 0 && file >= 0 && unlink(path) == 0);
	int peer = socket_file_connect(file, SOCK_DGRAM);
	CHECK(peer >= 0 && send(peer, "x", 1, 0) == 1);
	CHECK(datagram_receive(listener, &byte, 1) == 1 && byte == 'x');
	close(listener);
	CHECK(socket_file_connect(file, SOCK_DGRAM) == -ECONNREFUSED);
	close(peer);
	close(file);
}

static void what_is_no_socket_is_refused(void)
{
	int file = open("/dev/null", O_PATH);
	CHECK(socket_file_connect(file, SOCK_DGRAM) == -ECONNREFUSED);
	CHECK(socket_file_connect(-1, SOCK_DGRAM) < 0);
	int inotify = inotify_open();
	CHECK(inotify_watch_once(inotify, file) == -ENOTDIR && inotify_watch_once(inotify, -1) < 0);
	CHECK(inotify_watch_once(file, file) < 0 && inotify_forget(inotify, 1) == -EINVAL);
	close(inotify);
	close(file);
}

static void a_stream_has_ended_when_its_other_end_is_closed(void)
{
	int pair[2];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && socket_has_ended(pair[0]) == 0);
	CHECK(send(pair[1], "x", 1, 0) == 1 && socket_has_ended(pair[0]) == 0);
	close(pair[1]);
	CHECK(socket_has_ended(pair[0]) == 1);
	close(pair[0]);
}

static int has_events(int inotify)
{
	char events[4096];
	return read(inotify, events, sizeof events) > 0;
}

static void the_next_change_is_told(const char *directory)
{
	char path[200];
	int opened = open(directory, O_RDONLY | O_DIRECTORY), inotify = inotify_open();
	snprintf(path, sizeof path, "%s/b", directory);
	CHECK(inotify_watch_once(inotify, opened) > 0 && !has_events(inotify));
	CHECK(mkdir(path, 0700) == 0 && has_events(inotify));
	CHECK(rmdir(path) == 0 && !has_events(inotify));
	int watch = inotify_watch_once(inotify, opened);
	CHECK(inotify_forget(inotify, watch) == 0 && has_events(inotify)); // IN_IGNORED
	close(inotify);
	close(opened);
}

static void a_file_is_locked_once(const char *directory)
{
	char path[200];
	snprintf(path, sizeof path, "%s/lock", directory);
	int first = open(path, O_RDWR | O_CREAT, 0600), second = open(path, O_RDWR);
	CHECK(file_lock(first) == 0 && file_lock(second) == -EWOULDBLOCK);
	close(first);
	CHECK(file_lock(second) == 0);
	close(second);
	unlink(path);
}

static void a_path_that_is_too_long_is_refused(void)
{
	char path[300];
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	CHECK(datagram_bind(path) == -ENAMETOOLONG);
}

void test_directories(void)
{
	char directory[] = "/tmp/uevent-bridge-core-XXXXXX";
	CHECK(mkdtemp(directory) != NULL);
	a_listener_is_reached_through_its_file(directory);
	what_is_no_socket_is_refused();
	a_stream_has_ended_when_its_other_end_is_closed();
	the_next_change_is_told(directory);
	a_file_is_locked_once(directory);
	a_path_that_is_too_long_is_refused();
	CHECK(rmdir(directory) == 0);
}
