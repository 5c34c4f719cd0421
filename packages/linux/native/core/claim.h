#ifndef UB_CLAIM_H
#define UB_CLAIM_H

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "outgoing.h"

/** Whom a netlink message is from, as its readers see it. */
struct claim {
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(struct ucred))];
	};
};

/** The pid is the sender's own: any other needs a privilege, and 0 is refused. */
static inline void claim_make(struct claim *claim, const struct outgoing *item)
{
	struct ucred from = { .pid = item->pid, .uid = item->uid, .gid = item->gid };
	claim->header = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof from),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_CREDENTIALS,
	};
	memcpy(CMSG_DATA(&claim->header), &from, sizeof from);
}

#endif
