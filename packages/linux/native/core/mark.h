#ifndef UB_MARK_H
#define UB_MARK_H

/** Says of an open file or directory that we have done something to it, where containers cannot say so: 0 or -errno. */
int mark_put(int file, const char *name);

/** 1 or 0, or -errno. */
int mark_is_there(int file, const char *name);

/** Of one that is not there too: 0 or -errno. */
int mark_remove(int file, const char *name);

#endif
