#include "peek.h"

#include <sys/socket.h>

#include "sys.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

// SO_GET_FILTER without room for them says how many instructions there are.
static int ask(int socket, struct peeked *peeked)
{
	socklen_t size = sizeof peeked->receive_buffer;
	socklen_t instructions = 0;
	int error = sys_result(getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &peeked->receive_buffer, &size));
	if (error == 0)
		error = sys_result(getsockopt(socket, SOL_SOCKET, SO_GET_FILTER, NULL, &instructions));
	peeked->filter = (int)instructions;
	return error;
}

int socket_peek(int pidfd, int fd, struct peeked *peeked)
{
	*peeked = (struct peeked){ 0 };
	int copy = sys_result(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
	if (copy < 0)
		return copy;
	int error = ask(copy, peeked);
	close(copy);
	return error;
}
