#ifndef UA_SPAWN_H
#define UA_SPAWN_H

#include <poll.h>

#define STATUS_OURS 125 // we failed, and the program was not started
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND 127

/**
 * Becomes a program, which is looked for in PATH if it is no path. Returns only when that fails, with what a shell would
 * exit with, after having said why.
 */
int program_run(char **arguments, char **environment);

/**
 * Where a program is that may be run, as an absolute path of PATH_MAX bytes: one that is no path is looked for where the
 * kernel's helper would look. Returns 0 or -errno.
 */
long program_find(char *path, const char *name);

/** What a shell would exit with of a program with this status of wait(). */
int program_status(int status);

/** A child that goes on here: returns 0 in it. Returns its pid, or -errno. */
long process_fork(void);

/** Waits until one is ready, or the time of clock_ms() is there; LONG_MAX: for ever. Where that fails, none is ready after a pause. */
void poll_until(struct pollfd *polled, int count, long time);

#endif
