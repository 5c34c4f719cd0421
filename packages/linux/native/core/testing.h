#ifndef UB_TESTING_H
#define UB_TESTING_H

#include <stddef.h>

/** Binds a datagram socket to a path of at most 107 bytes. Returns the descriptor or -errno. */
int datagram_bind(const char *path);

/** Reads one datagram and leaves the rest in the queue. Returns its length or -errno. */
int datagram_receive(int fd, void *buffer, size_t size);

/** Says bytes to the kernel's uevent group without being the kernel: 0 or -errno. */
int uevent_forge(const void *bytes, size_t size);

/** Takes a write lease on an open file: others who open it wait until it is given back. Returns 0 or -errno. */
int file_lease(int fd);

/** Keeps the first page of an open file in memory from now on: 0 or -errno. */
int file_map(int fd);

/** A command of /dev/loop-control (LOOP_CTL_*). Returns the device's number or -errno. */
int loop_control(unsigned long command, int number);

#endif
