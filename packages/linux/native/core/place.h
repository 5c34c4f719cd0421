#ifndef UB_PLACE_H
#define UB_PLACE_H

#include <stddef.h>
#include <stdint.h>

enum place_task {
	PLACE_MOUNT,
	PLACE_TAKE_AWAY,
	PLACE_LOOK, // whether it is there
	PLACE_TAKE_AWAY_MADE, // with the directory on which it was mounted, which was made for it
};

enum place_what {
	PLACE_UDEV, // its /run/udev, which is made if it is not there
	PLACE_DEV, // its /dev: nodes can be opened in it
	PLACE_SYS, // its /sys, with what is mounted in it, now and later
};

/** A directory of the host that a container is to find at `parent`/`name`. */
struct placement {
	int mntns;
	int root; // from which the container's paths lead
	int source;
	const char *parent; // it must be there
	const char *name;
	/** Of the container's root: as who it is made, if it is not there, and removed. */
	uint32_t uid;
	uint32_t gid;
	/** At these names, each ends in NUL, is what the container has mounted there. */
	const char *mountpoints;
	size_t length;
	enum place_what what;
};

/**
 * Starts to mount the source there, read-only, to take it away again or to look, in a process of its own: file systems in the container
 * may never answer. Symlinks on the way are not followed. Returns a pipe, or -errno. It brings an int: 0; 1 if it was
 * there already, or is (taken away: was not); 2 if there is no such directory, so that one has to be made for it; -EEXIST if somebody has another udevd's `control` there; -EACCES if
 * it is not there and the container's root may not make it; -EBUSY if the host would have it there too; else -errno. Whoever closes it before he has read that gives up: what is mounted nevertheless is taken away.
 */
int place_start(const struct placement *placement, enum place_task task);

#endif
