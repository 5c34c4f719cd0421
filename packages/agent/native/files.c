#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "mem.h"
#include "say.h"
#include "signals.h"
#include "sys.h"

#define HIDDEN_DIGITS 16
#define LOCK_MS 4000 // for which another may hold the directory's lock: less than a relay waits for a holder
#define LOCK_PAUSE_MS 20 // until the next try

/** The directory of a path, "" for the working directory: with its last slash, so that a name can follow. */
static size_t directory_length(const char *path)
{
	size_t length = strlen(path);
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length;
}

static long make_address(struct sockaddr_un *address, const char *path)
{
	size_t length = strlen(path);
	if (length > SOCKET_PATH_MAX)
		return -ENAMETOOLONG;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, path, length);
	return 0;
}

static long connect_with(const char *path, int type)
{
	struct sockaddr_un address;
	long error = make_address(&address, path);
	if (error < 0)
		return error;
	long fd = SYS(socket, AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	error = SYS(connect, fd, &address, sizeof address);
	if (error == 0)
		return fd;
	SYS(close, fd);
	return error;
}

long socket_connect(const char *path, int type)
{
	return connect_with(path, type);
}

static long identify(struct own_socket *own, const char *path, uint16_t *mode)
{
	struct statx found;
	long error = SYS(statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_INO, &found);
	if (error < 0)
		return error;
	own->device = (uint64_t)found.stx_dev_major << 32 | found.stx_dev_minor;
	own->inode = found.stx_ino;
	*mode = found.stx_mode;
	return 0;
}

static int say_taken(const char *path, int fd)
{
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof peer;
	struct text text = { .length = 0 };
	TEXT(&text, path, ": a running program has it");
	if (fd >= 0 && SYS(getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0) {
		TEXT(&text, ", pid ");
		text_number(&text, peer.pid);
	}
	TEXT(&text, ". End that one, or choose another name");
	say_text(&text);
	return STATUS_WORLD;
}

/** Whether a socket may be put there: nothing is, or what a dead program left. */
static int check_free(const char *path, int type)
{
	struct own_socket there;
	uint16_t mode;
	long error = identify(&there, path, &mode);
	if (error == -ENOENT)
		return 0;
	if (error < 0)
		return say_failure("", path, error, NULL);
	if ((mode & S_IFMT) != S_IFSOCK) {
		SAY(path, ": something that is no socket is there. Remove it, or choose another path");
		return STATUS_WORLD;
	}
	long fd = connect_with(path, type | SOCK_NONBLOCK);
	if (fd == -ECONNREFUSED || fd == -ENOENT)
		return 0;
	int status = fd == -EACCES ? say_failure("", path, fd, NULL) : say_taken(path, (int)fd);
	if (fd >= 0)
		SYS(close, fd);
	return status;
}

static void make_hidden_name(char *name, const char *path, size_t directory)
{
	unsigned char random[HIDDEN_DIGITS / 2] = { 0 };
	SYS(getrandom, random, sizeof random, 0);
	memcpy(name, path, directory);
	name[directory] = '.';
	for (size_t i = 0; i < HIDDEN_DIGITS; i++)
		name[directory + 1 + i] = "0123456789abcdef"[random[i / 2] >> i % 2 * 4 & 15];
	name[directory + 1 + HIDDEN_DIGITS] = '\0';
}

static long bind_hidden(struct own_socket *own, const char *hidden, int type)
{
	struct sockaddr_un address;
	uint16_t mode;
	long error = make_address(&address, hidden);
	if (error < 0)
		return error;
	own->fd = (int)SYS(socket, AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (own->fd < 0)
		return own->fd;
	long umask = SYS(umask, 0177);
	error = SYS(bind, own->fd, &address, sizeof address);
	SYS(umask, umask);
	if (error == 0 && type == SOCK_STREAM)
		error = SYS(listen, own->fd, SOMAXCONN);
	if (error == 0)
		error = identify(own, hidden, &mode);
	return error;
}

static int place_in(struct own_socket *own, const char *path, size_t directory, int type)
{
	char hidden[SOCKET_PATH_MAX + HIDDEN_DIGITS + 2];
	int status = check_free(path, type);
	if (status != 0)
		return status;
	make_hidden_name(hidden, path, directory);
	long error = bind_hidden(own, hidden, type);
	if (error == 0)
		error = SYS(renameat2, AT_FDCWD, hidden, AT_FDCWD, path, 0);
	if (error == 0)
		return 0;
	SYS(unlinkat, AT_FDCWD, hidden, 0);
	const char *shorter = "A socket's path has 107 bytes at most, and its directory 90: choose a shorter one";
	return say_failure("no socket can be put at ", path, error, error == -ENAMETOOLONG ? shorter : NULL);
}

/** Of two that start at the same time the second sees the first. Where files cannot be locked, nobody waits for anybody. */
static long lock_directory(int directory)
{
	long until = clock_ms() + LOCK_MS, error;
	while ((error = SYS(flock, directory, LOCK_EX | LOCK_NB)) == -EAGAIN && clock_ms() < until)
		signals_pause(LOCK_PAUSE_MS);
	return error == -EAGAIN ? error : 0;
}

static int say_locked(const char *path, size_t directory)
{
	char name[SOCKET_PATH_MAX + 1] = ".";
	if (directory > 0)
		memcpy(name, path, directory);
	SAY(name, ": another program holds a lock on this directory, and does not let it go. End that one (/proc/locks has its "
	    "pid), or choose another directory");
	return STATUS_WORLD;
}

int socket_place(struct own_socket *own, const char *path, int type)
{
	char name[SOCKET_PATH_MAX + 3];
	size_t directory = directory_length(path);
	*own = (struct own_socket){ .fd = -1, .path = path };
	if (strlen(path) > SOCKET_PATH_MAX)
		return say_failure("", path, -ENAMETOOLONG, "A socket's path has 107 bytes at most");
	memcpy(name, path, directory);
	memcpy(name + directory, ".", 2);
	long lock = SYS(openat, AT_FDCWD, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (lock < 0)
		return say_failure("the directory of ", path, lock, "Make it, or have it mounted there");
	int status = lock_directory((int)lock) < 0 ? say_locked(path, directory) : place_in(own, path, directory, type);
	SYS(close, lock);
	return status;
}

void socket_remove(const struct own_socket *own)
{
	struct own_socket there;
	uint16_t mode;
	if (identify(&there, own->path, &mode) == 0 && there.inode == own->inode && there.device == own->device)
		SYS(unlinkat, AT_FDCWD, own->path, 0);
}

long files_open_nothing(void)
{
	int pipe[2];
	long error = SYS(pipe2, pipe, O_CLOEXEC);
	if (error < 0)
		return error;
	SYS(close, pipe[1]);
	return pipe[0];
}

void files_open_standard(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (SYS(fcntl, fd, F_GETFD, 0) == -EBADF)
			files_open_nothing(); // the lowest number that is free: this one
}

long files_read_all(const char *path, char *bytes, size_t size)
{
	size_t length = 0;
	long fd = SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	long got;
	while ((got = SYS(read, fd, bytes + length, size - length)) > 0)
		length += (size_t)got;
	SYS(close, fd);
	return got < 0 ? got : (long)length;
}

long files_write(const char *path, const char *bytes, size_t length)
{
	long fd = SYS(openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	long written = SYS(write, fd, bytes, length);
	SYS(close, fd);
	return written < 0 ? written : 0;
}
