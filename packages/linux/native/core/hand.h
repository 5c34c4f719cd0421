#ifndef UB_HAND_H
#define UB_HAND_H

#include <stdint.h>

#define HAND_PATH_SIZE 2048
#define HAND_TARGET_SIZE 4096

enum hand_work {
	HAND_OPEN, // the /dev of a container, if it is in a tmpfs
	HAND_LOOK, // what is there
	HAND_MAKE, // something of `mode`, `major` and `minor`, or a link to `target`, which is `uid`'s and `gid`'s
	HAND_NAME, // gives what was made another name, which nothing has: `target`
	HAND_CHANGE, // its rights and owner
	HAND_TRY, // whether it can be opened; it is the node of null
	HAND_REMOVE,
};

/** What is to be done with `path` below a directory. Where it is there already it must have `inode`, or it is let be: -ECANCELED. */
struct hand_order {
	uint32_t work;
	uint32_t mode; // with the type
	uint32_t major;
	uint32_t minor;
	uint32_t uid;
	uint32_t gid;
	uint64_t inode;
	char path[HAND_PATH_SIZE];
	char target[HAND_TARGET_SIZE];
};

struct hand_answer {
	int32_t error; // 0 or -errno
	uint32_t mode;
	uint32_t major;
	uint32_t minor;
	uint64_t inode;
};

/**
 * Starts a process that works in directories which others change at the same time: they may hold them up for as long as they like.
 * Its first answer, for which nobody has to ask, has its pid for an inode. Returns a socket to it, with which it ends, or -errno.
 */
int hand_start(void);

/**
 * Has it do something in a directory (HAND_OPEN: in what is seen from the root `other` of the mount namespace `directory`). No symlink is
 * followed, no mount is entered, nothing above is reached. Returns a descriptor (HAND_OPEN), 0 or -errno; -ETIMEDOUT if it has not
 * answered yet.
 */
int hand_ask(int hand, int directory, int other, const struct hand_order *order, struct hand_answer *answer);

/** Waits once more for its answer: as above. */
int hand_await(int hand, struct hand_answer *answer);

#endif
