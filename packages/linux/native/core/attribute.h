#ifndef UB_ATTRIBUTE_H
#define UB_ATTRIBUTE_H

#define ATTRIBUTE_MAX 4096 // sysfs gives no text file more than a page

/**
 * Starts to read a file below `root` on a thread of its own, since some drivers answer late or never.
 * Returns a pipe or -errno. It brings an int (0 or -errno), then the bytes, then ends. The thread owns nothing else:
 * whoever waits may let go of the pipe, and of `root`, at any time.
 */
int attribute_start(int root, const char *path);

#endif
