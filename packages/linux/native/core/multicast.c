#include "multicast.h"

#include <sys/socket.h>

#include "claim.h"
#include "sys.h"

int multicast(struct arena arena, struct ledgers ledgers, const struct outgoing *item)
{
	struct claim from;
	claim_make(&from, item);
	struct iovec bytes = { .iov_base = arena.bytes + item->start, .iov_len = outgoing_finish(arena, item) };
	struct mmsghdr own, *header = outgoing_headers(ledgers, item, 1, &own);
	header->msg_hdr = (struct msghdr){
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &from,
		.msg_controllen = sizeof from,
	};
	int sent = sys_result(sendmmsg(item->fd, header, 1, MSG_DONTWAIT | MSG_NOSIGNAL));
	if (sent != -ECONNREFUSED)
		return sent < 0 ? sent : 0;
	header->msg_len = bytes.iov_len > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes.iov_len; // nobody listens: it is said all the same
	return 0;
}
