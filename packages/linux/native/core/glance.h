#ifndef UB_GLANCE_H
#define UB_GLANCE_H

#include <stddef.h>
#include <stdint.h>

#define GLANCE_MAX 32 // paths: the answer is one atomic write to a pipe
#define GLANCE_ANSWER 32768 // bytes of any answer: half of what a pipe holds

/** What is at a path. */
struct glimpse {
	int32_t error; // 0 or -errno
	uint32_t mode; // S_IFREG and the like, and the rights
	uint32_t uid;
	uint32_t gid;
	uint32_t major; // of a device node
	uint32_t minor;
	uint32_t no_devices; // 1: its mount has nodev
};

/**
 * Starts to look at paths (each ends in NUL, `length` bytes in all) as they lead in another root, symlinks too, in a process of its own:
 * file systems there may never answer. Returns a pipe, or -errno. It brings a glimpse of each path, and ends.
 */
int glance_start(int root, const char *paths, size_t length);

/** Looks from a root, and writes what it finds, at most GLANCE_ANSWER bytes: how many. */
typedef size_t (*glance_look)(int root, const char *paths, size_t length, uint8_t *answer);

/** The same for another way to look. */
int glance_start_with(glance_look look, int root, const char *paths, size_t length);

/** Opens (O_PATH) what a path leads to within a root, symlinks too: a descriptor or -errno. */
int glance_open(int root, const char *path);

#endif
