#ifndef UB_DIRECTORY_H
#define UB_DIRECTORY_H

/** Opens an inotify descriptor that reports what comes, goes and changes its name or mode in the directory, or -errno. */
int directory_watch(int directory);

/** Connects a datagram socket to the socket file that `file` (O_PATH) is, whatever its name leads to by now. Or -errno. */
int socket_file_connect(int file);

/** Locks an open file against every other opener, without waiting: 0 or -errno. The lock ends with the descriptor. */
int file_lock(int file);

#endif
