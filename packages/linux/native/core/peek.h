#ifndef UB_PEEK_H
#define UB_PEEK_H

struct peeked {
	int receive_buffer; // bytes, as the kernel counts them
	int filter;	    // instructions; 0 if none is attached
};

/** Looks at a socket of another process, of which nothing is changed: 0 or -errno. */
int socket_peek(int pidfd, int fd, struct peeked *peeked);

#endif
