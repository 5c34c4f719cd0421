#ifndef UB_HAND_H
#define UB_HAND_H

#include <stddef.h>
#include <stdint.h>

#include "entry.h"

#define HAND_PATH_SIZE ENTRY_PATH_SIZE
#define HAND_TEXT_SIZE 65536

enum hand_work {
	HAND_OPEN, // the /dev of a container, if it is in a tmpfs
	HAND_LOOK, // what is there
	HAND_MAKE, // something of `mode`, `major` and `minor`, or a link to `text`, which is `uid`'s and `gid`'s
	HAND_NAME, // gives what was made another name, which nothing has: `text`
	HAND_CHANGE, // its rights and owner
	HAND_TRY, // whether it can be opened; it is the node of null
	HAND_REMOVE, // what has `inode`
	// In directories of ours:
	HAND_PUT, // as HAND_MAKE, in the place of what is there but a directory; it is made in `other`. Those above it come with it
	HAND_WRITE, // a file with `text`, as HAND_PUT; it is made beside its place
	HAND_TAKE, // removes what is there, if anything is; -ENOTEMPTY: a directory with something in it
	HAND_LIST, // what is in a directory: a file with a letter for each entry (d for a directory), its name and a NUL
	HAND_EMPTY, // takes out all that is in a directory, as far as we may; -EAGAIN: there is more, and it is to be asked again
	// The same, where mounts are entered on the way:
	HAND_FIND, // what is there; `major` and `minor` are those of its file system
	HAND_PLACE, // mounts `other`, which is mounted nowhere yet
	HAND_UNMOUNT, // with all that is mounted in it; -EINVAL if nothing is mounted there
};

/** What is to be done with `path` below a directory. Where it says so it must have `inode`, or it is let be: -ECANCELED. */
struct hand_order {
	uint32_t work;
	uint32_t mode; // with the type
	uint32_t major;
	uint32_t minor;
	uint32_t uid;
	uint32_t gid;
	uint32_t reserved;
	uint32_t length; // of the text
	uint64_t inode;
	char path[HAND_PATH_SIZE];
	char text[HAND_TEXT_SIZE]; // ends in a NUL; no more of it is sent
};

/** Whether so many bytes are an order whose texts end: the hand believes it. */
static inline int hand_order_is_whole(const struct hand_order *order, size_t size)
{
	const size_t head = offsetof(struct hand_order, text);
	return size > head && size <= sizeof *order && order->length == size - head - 1 && order->text[order->length] == '\0' &&
	       order->path[HAND_PATH_SIZE - 1] == '\0';
}

struct hand_answer {
	int32_t error; // 0 or -errno
	uint32_t mode;
	uint32_t major;
	uint32_t minor;
	uint64_t inode;
	uint64_t slept; // milliseconds in which it was held up: it neither ran nor waited for a processor, nor perhaps for a disk
};

/**
 * Starts a process that works in directories which others change at the same time: they may hold them up for as long as they like.
 * Its first answer, for which nobody has to ask, has its pid for an inode. Returns a socket to it, with which it ends, or -errno.
 */
int hand_start(void);

/**
 * Has it do something in a directory (HAND_OPEN: in what is seen from the root `other` of the mount namespace `directory`). No symlink is
 * followed, no mount is entered, nothing above is reached. Returns a descriptor (HAND_OPEN, HAND_LIST), 0 or -errno; -ETIMEDOUT if it has not
 * answered within `ms` milliseconds.
 */
int hand_ask(int hand, int directory, int other, const struct hand_order *order, int ms, struct hand_answer *answer);

/** Waits once more for its answer: as above. */
int hand_await(int hand, int ms, struct hand_answer *answer);

#endif
