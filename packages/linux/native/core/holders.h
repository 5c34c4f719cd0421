#ifndef UB_HOLDERS_H
#define UB_HOLDERS_H

#include <stddef.h>
#include <stdint.h>

/** One device, as a node of it is. */
struct held_device {
	uint32_t type; // S_IFCHR or S_IFBLK
	uint32_t major;
	uint32_t minor;
};

enum held_how { HELD_END, HELD_OPEN, HELD_MAPPED };

/** A process has a device open or mapped. The last one of an answer is HELD_END. */
struct held {
	int32_t pid; // of HELD_END: 0 if all was looked at
	uint16_t device; // its place among those that were asked for
	uint16_t how; // enum held_how
};

/**
 * Starts to look which of some processes have which of some devices open or mapped, in a process of its own: what a container opens may
 * be a file system that never answers, and its memory may be locked. Returns a pipe, or -errno. It brings a `struct held` for each process
 * and device and way, and ends after `ms` milliseconds at the latest, unless it hangs.
 */
int holders_start(const int32_t *pids, size_t pid_count, const struct held_device *devices, size_t device_count, int ms);

#endif
