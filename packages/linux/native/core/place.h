#ifndef UB_PLACE_H
#define UB_PLACE_H

#include <stdint.h>

/** A directory of the host that a container is to find under a path of its own. */
struct placement {
	int mntns;
	int source;
	const char *parent; // absolute, in the container; it must be there
	const char *name;   // of the directory in it, which is made if it is not there
	uint32_t uid;	    // whose that becomes: the container's root
	uint32_t gid;
};

/**
 * Starts to mount the source there, read-only, or to take it away again, in a process of its own: file systems in the container
 * may never answer. Symlinks on the way are not followed. Returns a pipe, or -errno. It brings an int: 0; 1 if it was
 * there already (or, taken away, was not); -EEXIST if somebody has another udevd's `control` there; else -errno. Whoever closes it
 * before he has read that gives up: what is mounted nevertheless is taken away.
 */
int place_start(const struct placement *placement, int take_away);

#endif
