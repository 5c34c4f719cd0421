#ifndef UB_GLANCE_H
#define UB_GLANCE_H

#include <stddef.h>
#include <stdint.h>

#define GLANCE_MAX 32 // paths: the answer is one atomic write to a pipe

/** What is at a path. */
struct glimpse {
	int32_t error; // 0 or -errno
	uint32_t mode; // S_IFREG and the like, and the rights
};

/**
 * Starts to look at paths (each ends in NUL, `length` bytes in all) as they lead in another root, symlinks too, on a thread of its own:
 * file systems there may never answer. Returns a pipe, or -errno. It brings a glimpse of each path, and ends.
 */
int glance_start(int root, const char *paths, size_t length);

#endif
