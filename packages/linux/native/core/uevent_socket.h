#ifndef UB_UEVENT_SOCKET_H
#define UB_UEVENT_SOCKET_H

#include <stdint.h>

/**
 * Opens a socket that hears these multicast groups in the calling thread's network namespace.
 * Asks for `receive_buffer` bytes, beyond the system's limit where it may. Returns the descriptor or -errno.
 */
int uevent_socket_open(uint32_t groups, int receive_buffer);

/** Opens a socket through which uevents are put into the calling thread's network namespace, or -errno. */
int uevent_injector_open(void);

/** Opens a socket that says datagrams to this multicast group in the calling thread's network namespace, or -errno. */
int uevent_group_open(uint32_t group);

/** The bytes of receive buffer that the kernel granted, or -errno. */
int socket_receive_buffer(int fd);

#endif
