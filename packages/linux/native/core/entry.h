#ifndef UB_ENTRY_H
#define UB_ENTRY_H

#include <stdint.h>
#include <sys/stat.h>

#define ENTRY_PATH_SIZE 2048

/** An entry of a directory, and that directory, open. */
struct entry {
	int parent;
	const char *name;
	char path[ENTRY_PATH_SIZE];
};

/** Opens a place below a directory: no symlink is followed, no mount is entered, nothing above is reached. Returns it or -errno. */
int entry_open_below(int directory, const char *path, uint64_t flags);

/** Opens the directory that an entry is in, which is to be closed; with `makes` it is made if need be. 0 or -errno. */
int entry_open(int directory, const char *path, int makes, struct entry *entry);

/** What is under its name: 0 or -errno. */
int entry_look(const struct entry *entry, struct stat *status);

/** Gives what is open the rights and the owner that it has not yet. 0 or -errno. */
int entry_own(int place, uint32_t mode, uint32_t uid, uint32_t gid);

/** Removes what has this mode. 0 or -errno. */
int entry_remove(const struct entry *entry, uint32_t mode);

#endif
