#ifndef UB_DIRECTORY_H
#define UB_DIRECTORY_H

/** Opens an inotify descriptor for many directories, or -errno. */
int inotify_open(void);

/**
 * Reports the next thing that comes, goes or changes its name or mode in the directory, and no further one: who changes
 * it all the time cannot fill the queue. Returns the watch's number or -errno.
 */
int inotify_watch_once(int inotify, int directory);

/** Takes a watch back: 0 or -errno. */
int inotify_forget(int inotify, int watch);

/**
 * Connects a socket of that type (SOCK_DGRAM, SOCK_STREAM) to the socket file that `file` (O_PATH) is, whatever its
 * name leads to by now. Returns the descriptor or -errno.
 */
int socket_file_connect(int file, int type);

/** The process that listened at the other end of a connected stream when it began to: its pid or -errno. */
int socket_peer(int fd);

/** Whether the other end of a connected stream has been closed, which its process does when it ends: 0 or 1, or -errno. */
int socket_has_ended(int fd);

/** Locks an open file against every other opener, without waiting: 0 or -errno. The lock ends with the descriptor. */
int file_lock(int file);

#endif
