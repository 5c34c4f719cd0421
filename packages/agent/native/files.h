#ifndef UA_FILES_H
#define UA_FILES_H

#include <stddef.h>
#include <stdint.h>

#define SOCKET_PATH_MAX 107 // bytes of a path that a unix socket can be bound to

/** A socket that this program bound, and which file it is. */
struct own_socket {
	int fd;
	const char *path;
	uint64_t device;
	uint64_t inode;
};

/**
 * Binds a unix socket of mode 0600 at `path`: under a hidden name first, so that nobody finds it half made. What a dead
 * program left there is replaced. Says what went wrong, and returns a status.
 */
int socket_place(struct own_socket *own, const char *path, int type);

/** Unlinks it, if what is there is still this one. */
void socket_remove(const struct own_socket *own);

/** Connects a unix socket. Returns it, or -errno. */
long socket_connect(const char *path, int type);

/** Makes 0, 1 and 2 be something, so that no descriptor of ours is taken for one of them. */
void files_open_standard(void);

/** A descriptor that reads as empty and cannot be written to. Returns it, or -errno. */
long files_open_nothing(void);

/** Reads a file, as far as there is memory. Returns its length, or -errno. */
long files_read_all(const char *path, char *bytes, size_t size);

/** Writes a small file that exists. Returns 0 or -errno. */
long files_write(const char *path, const char *bytes, size_t length);

#endif
