#include "directory.h"

#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "sys.h"

#define FD_PATH "/proc/self/fd/%d"
#define CHANGES (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF)

int inotify_open(void)
{
	return sys_result(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
}

int inotify_watch_once(int inotify, int directory)
{
	char path[sizeof FD_PATH + 12];
	snprintf(path, sizeof path, FD_PATH, directory);
	return sys_result(inotify_add_watch(inotify, path, CHANGES | IN_ONLYDIR | IN_ONESHOT));
}

int inotify_forget(int inotify, int watch)
{
	return sys_result(inotify_rm_watch(inotify, watch));
}

int socket_file_connect(int file, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, FD_PATH, file);
	int fd = sys_result(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (fd < 0)
		return fd;
	int error = sys_result(connect(fd, (struct sockaddr *)&address, sizeof address));
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

int socket_peer(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	int error = sys_result(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length));
	return error ? error : peer.pid;
}

int socket_has_ended(int fd)
{
	struct pollfd ended = { .fd = fd }; // what is told unasked: POLLHUP, which data that waits does not hide
	int result;
	do
		result = sys_result(poll(&ended, 1, 0));
	while (result == -EINTR); // by a signal that is pending, although it waits for nothing
	return result;
}

int file_lock(int file)
{
	return sys_result(flock(file, LOCK_EX | LOCK_NB));
}
