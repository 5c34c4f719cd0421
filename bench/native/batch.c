#include "batch.h"

#include <errno.h>
#include <stddef.h>

#include "worker.h"

void batch_prepare(struct batch *batch)
{
	for (int i = 0; i < BATCH; i++) {
		batch->slots[i] = (struct iovec){ .iov_base = batch_bytes(batch, i), .iov_len = SLOT };
		batch->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->senders[i],
			.msg_iov = &batch->slots[i],
			.msg_iovlen = 1,
			.msg_control = &batch->controls[i],
		};
	}
}

int batch_receive(struct batch *batch, int fd, uint32_t limit, int flags)
{
	uint32_t room = limit < BATCH ? limit : BATCH;
	for (uint32_t i = 0; i < room; i++) { // the kernel wrote over them
		batch->messages[i].msg_hdr.msg_namelen = sizeof batch->senders[i];
		batch->messages[i].msg_hdr.msg_controllen = sizeof batch->controls[i];
	}
	int count = recvmmsg(fd, batch->messages, room, flags, NULL);
	if (count < 0 && errno != EAGAIN)
		fail("recvmmsg");
	return count < 0 ? 0 : count;
}

int batch_trusts(const struct batch *batch, int i)
{
	const struct sockaddr_nl *sender = &batch->senders[i];
	const struct cmsghdr *item = &batch->controls[i].align;
	int has_credentials = batch->messages[i].msg_hdr.msg_controllen >= CMSG_LEN(sizeof(struct ucred)) &&
			      item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_CREDENTIALS;
	return has_credentials && sender->nl_pid == 0 && sender->nl_groups == 1;
}
