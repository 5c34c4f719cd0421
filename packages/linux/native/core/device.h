#ifndef UB_DEVICE_H
#define UB_DEVICE_H

#include <stdint.h>

#include "bytes.h"

/**
 * What stands before each device in packed form, followed by devpath, subsystem and the uevent file.
 * src/device-record.ts reads it.
 */
struct device_header {
	uint64_t inode;
	uint32_t devpath_length;
	uint32_t subsystem_length;
	uint32_t uevent_length;
	uint32_t padding;
};

/**
 * Appends one device in packed form. `path` is relative to `root` (an open /sys): `devices/virtual/block/loop0`.
 * Returns 0, -ENOENT where no device is, or -errno. No symlink is followed.
 */
int device_read(int root, const char *path, struct bytes *out);

/** The inode of a device's directory: 0 and `*inode`, -ENOENT where no device is, or -errno. */
int device_inode(int root, const char *path, uint64_t *inode);

/** Appends the device that an open directory is, if it is one. `devpath` begins with `/devices`. */
int device_append(int directory, const char *devpath, struct bytes *out);

/** Appends all devices of a sysfs, parents before children. Returns 0 or -errno. */
int device_walk(int root, struct bytes *out);

#endif
