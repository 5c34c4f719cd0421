#ifndef UB_NODES_H
#define UB_NODES_H

#include <stdint.h>

/** Mounts an empty file system in memory, in which device nodes can be opened, on an entry of a directory. 0 or -errno. */
int nodes_mount(int directory, const char *name, int read_only);

/** What is mounted there, through which it can be written, and which nobody finds. No symlink is followed. A descriptor or -errno. */
int nodes_open(int directory, const char *name);

/** Unmounts it, also while it is in use elsewhere. No symlink is followed. 0 or -errno. */
int nodes_unmount(int directory, const char *name);

/** Makes a node with `mode`, which has the type in it, owned by the caller. 0 or -errno. */
int nodes_make(int directory, const char *name, uint32_t mode, uint32_t major, uint32_t minor);

#endif
