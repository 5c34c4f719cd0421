#ifndef UB_TESTING_H
#define UB_TESTING_H

/** Binds a datagram socket to a path of at most 107 bytes. Returns the descriptor or -errno. */
int datagram_bind(const char *path);

/** A command of /dev/loop-control (LOOP_CTL_*). Returns the device's number or -errno. */
int loop_control(unsigned long command, int number);

#endif
