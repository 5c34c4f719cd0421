#include "multicast.h"

#include <sys/socket.h>

#include "claim.h"
#include "sys.h"

int multicast(struct arena arena, const struct outgoing *item)
{
	struct claim from;
	claim_make(&from, item);
	struct iovec bytes = { .iov_base = arena.bytes + item->start, .iov_len = outgoing_finish(arena, item) };
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &from,
		.msg_controllen = sizeof from,
	};
	int sent = sys_result(sendmsg(item->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
	return sent < 0 && sent != -ECONNREFUSED ? sent : 0;
}
