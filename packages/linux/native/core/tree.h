#ifndef UB_TREE_H
#define UB_TREE_H

enum tree_access {
	TREE_READ_ONLY,
	TREE_WRITABLE,
	TREE_AS_IT_IS, // and with all that is mounted in it
};

/** Opens what is at a path below a directory, as a place. No symlink is followed. A descriptor, or -errno. */
int tree_open(int directory, const char *path);

/** Copies the mount at a path below a directory, which is mounted nowhere yet. No symlink is followed. A descriptor, or -errno. */
int tree_clone(int directory, const char *path, enum tree_access access);

/** Mounts a copy at a path below a directory. No symlink is followed. 0 or -errno. */
int tree_place(int tree, int directory, const char *path);

/** Has what is mounted in a mount from now on appear in its copies, or not. 0 or -errno. */
int tree_share(int directory, const char *path, int shared);

/** Takes the mount at a path away, with all in it, also while it is in use. -EINVAL if nothing is mounted there. 0 or -errno. */
int tree_unmount(int directory, const char *path);

#endif
