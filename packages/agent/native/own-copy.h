#ifndef UA_OWN_COPY_H
#define UA_OWN_COPY_H

/**
 * Goes on as a copy of this program in memory that nobody can change, beginning anew with these words. A container that has it run
 * `/proc/self/exe`, or opens that of one of its processes, gets the copy, and not the host's file. Returns 0 in the copy, or -errno.
 */
long own_copy_become(const char *command, char **arguments);

#endif
