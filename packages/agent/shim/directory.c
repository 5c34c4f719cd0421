#include "directory.h"

#include "name.h"

#include <sys/un.h>

#define DIRECTORY "/run/uevent"
/** Entries that are looked at when dead ones are swept. */
#define SWEPT 1024
/** Seconds after which a socket that nobody answers for and that is not bound yet is a dead one's. */
#define BINDING_S 10
#define WRITABLE_BY_OTHERS 022

struct entry { // as getdents64 gives it
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/** Its path without slashes at the end, which would follow a symlink; 0 if it is none. */
static size_t path_of(const char **path)
{
	const char *given = variable("UEVENT_DIR");
	*path = given != NULL && *given != '\0' ? given : DIRECTORY;
	size_t length = strlen(*path);
	while (length > 1 && (*path)[length - 1] == '/')
		length--;
	return **path == '/' && length + 1 + NAME_SIZE <= sizeof((struct sockaddr_un *)0)->sun_path ? length : 0;
}

static int address_of(struct sockaddr_un *address, const char *name)
{
	const char *path;
	size_t length = path_of(&path), name_length = strlen(name);
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (length == 0)
		return -ENAMETOOLONG;
	memcpy(address->sun_path, path, length);
	if (name_length == 0)
		return 0;
	address->sun_path[length] = '/';
	memcpy(address->sun_path + length + 1, name, name_length);
	return 0;
}

/** A descriptor of the directory, or -errno: no symlink, and nobody else may write to it. */
static int open_directory(const char **why)
{
	struct sockaddr_un address;
	struct stat found;
	*why = " is no absolute path, or too long";
	if (address_of(&address, "") < 0)
		return -ENAMETOOLONG;
	*why = " is not there, or may not be read";
	int fd = (int)SYS(openat, AT_FDCWD, address.sun_path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	*why = " belongs to somebody else, or others may write to it";
	if (SYS(fstat, fd, &found) == 0 && (found.st_uid == 0 || found.st_uid == SYS(geteuid)) &&
	    (found.st_mode & WRITABLE_BY_OTHERS) == 0)
		return fd;
	SYS(close, fd);
	return -EACCES;
}

/** True if nobody has the socket of this name open. */
static int is_dead(const char *name, int probe)
{
	struct sockaddr_un address;
	return address_of(&address, name) == 0 && SYS(connect, probe, &address, sizeof address) == -ECONNREFUSED;
}

static int open_probe(void)
{
	return (int)SYS(socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static void sweep_entry(int directory, const char *name, int probe)
{
	struct stat found;
	struct timespec now;
	enum name_kind kind = name_kind(name);
	if (kind == NAME_OF_OTHERS || SYS(newfstatat, directory, name, &found, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	SYS(clock_gettime, CLOCK_REALTIME, &now);
	if (kind == NAME_HIDDEN && now.tv_sec - found.st_ctim.tv_sec < BINDING_S) // there before its bind() is complete
		return;
	if (S_ISSOCK(found.st_mode) && is_dead(name, probe))
		SYS(unlinkat, directory, name, 0);
}

static void sweep(int directory)
{
	_Alignas(struct entry) char buffer[4096];
	int probe = open_probe(), looked_at = 0;
	long size;
	while (probe >= 0 && looked_at < SWEPT && (size = SYS(getdents64, directory, buffer, sizeof buffer)) > 0) {
		for (char *at = buffer; at < buffer + size; at += ((struct entry *)at)->length, looked_at++)
			sweep_entry(directory, ((struct entry *)at)->name, probe);
	}
	SYS(close, probe);
}

static int bind_hidden(int flags, struct socket *socket)
{
	char name[NAME_SIZE];
	struct sockaddr_un address;
	struct stat made;
	*socket = (struct socket){.name = name_new()};
	name_text(name, &socket->name, 0);
	int error = address_of(&address, name);
	if (error < 0)
		return error;
	int fd = (int)SYS(socket, AF_UNIX, SOCK_DGRAM | flags, 0);
	if (fd < 0)
		return fd;
	error = (int)SYS(bind, fd, &address, sizeof address);
	if (error == 0)
		error = (int)SYS(fstat, fd, &made);
	if (error < 0) {
		SYS(close, fd);
		return error;
	}
	socket->inode = made.st_ino;
	return fd;
}

int directory_socket(int flags, struct socket *socket, const char **why)
{
	int directory = open_directory(why);
	if (directory < 0)
		return directory;
	sweep(directory);
	SYS(close, directory);
	*why = " takes no socket of ours";
	return bind_hidden(flags, socket);
}

int directory_join(struct socket *socket, uint32_t groups)
{
	char from[NAME_SIZE], to[NAME_SIZE];
	struct sockaddr_un old, new;
	groups &= -groups & NAMED_GROUPS; // the lowest of them: a socket has one form
	if (groups == socket->groups)
		return 0;
	name_text(from, &socket->name, socket->groups);
	name_text(to, &socket->name, groups);
	int error = address_of(&old, from);
	if (error == 0)
		error = address_of(&new, to);
	if (error == 0)
		error = (int)SYS(renameat2, AT_FDCWD, old.sun_path, AT_FDCWD, new.sun_path, 0);
	if (error == 0)
		socket->groups = groups;
	return error;
}

static void unlink_if_dead(const struct socket *socket, int probe)
{
	char name[NAME_SIZE];
	struct sockaddr_un address;
	name_text(name, &socket->name, socket->groups);
	if (is_dead(name, probe) && address_of(&address, name) == 0)
		SYS(unlinkat, AT_FDCWD, address.sun_path, 0);
}

void directory_leave(const struct socket *socket)
{
	int probe = open_probe();
	if (probe < 0)
		return;
	unlink_if_dead(socket, probe);
	SYS(close, probe);
}

void directory_leave_open(const struct socket *socket, int fd)
{
	int probe = open_probe();
	if (probe < 0)
		return;
	SYS(dup3, probe, fd, O_CLOEXEC);
	unlink_if_dead(socket, probe);
	SYS(close, probe);
}
