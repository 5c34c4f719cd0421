#ifndef UB_SURVEY_H
#define UB_SURVEY_H

#include <stdint.h>

#define SURVEY_ENTRIES 8192 // of a directory that are looked at

/** What is at a path; entries follow, if it is a directory. */
struct survey {
	uint64_t device;
	uint64_t inode;
	int32_t error; // 0 or -errno; the rest is 0 then
	uint32_t mode;
	uint32_t uid;
	uint32_t links;
	uint32_t read_only; // 1: so is its mount, or its file system
	uint32_t more;	    // 1: there are other entries
	uint32_t length;    // bytes of this and of the entries
	uint32_t zero;
};

/** An entry of a directory; its name follows, without NUL. */
struct survey_entry {
	int32_t error; // of a socket: what it is to connect for datagrams, 0 or -errno
	uint16_t type; // S_IFSOCK and the like; a symlink is not followed
	uint8_t length;
	uint8_t zero;
};

/** Like glance_start, at one path and into it if it is a directory. The pipe brings a survey; one that is cut short is shorter than its `length`. */
int survey_start(int root, const char *path);

#endif
