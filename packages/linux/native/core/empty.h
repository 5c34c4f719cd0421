#ifndef UB_EMPTY_H
#define UB_EMPTY_H

/**
 * Takes out what is in a directory, as far as we may; what withstands stays. Somebody hostile may have put it there and go on with it:
 * nothing is followed, and neither depth nor a directory that was shut is in the way. 0, -EAGAIN if there is more
 * to be done, or -errno if it cannot be read.
 */
int empty_directory(int directory);

#endif
