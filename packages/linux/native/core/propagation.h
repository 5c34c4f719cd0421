#ifndef UB_PROPAGATION_H
#define UB_PROPAGATION_H

/** Tables of mounts that are at hand in whatever mount namespace a process is, opened before it leaves its own. */
struct mount_tables {
	int host; // of the namespace that it leaves
	int self; // where that of the one which it is in is found
};

/** 0 or -errno. Whatever it returns, it is to be closed. */
int mount_tables_open(struct mount_tables *tables);

void mount_tables_close(const struct mount_tables *tables);

/**
 * Whether what is mounted on a directory of the namespace that this process is in is mounted in the one that it has left as well,
 * because the two share the mount that it is on. 0, 1 or -errno.
 */
int mount_reaches_host(const struct mount_tables *tables, int place);

/**
 * Whether a directory of the namespace that this process is in, on a copy of a mount of the one that it has left, gets what is mounted
 * there later: an engine that makes its mounts private before it copies one has a copy that gets nothing. 0, 1 or -errno.
 */
int mount_follows_host(const struct mount_tables *tables, int place);

#endif
