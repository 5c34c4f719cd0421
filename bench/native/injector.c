#include "injector.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

void injector_open(struct injector *injector)
{
	struct ucred from = { .pid = getpid(), .uid = getuid(), .gid = getgid() };
	injector->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (injector->fd < 0)
		fail("NETLINK_KOBJECT_UEVENT");
	injector->from.header = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof from), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS
	};
	memcpy(CMSG_DATA(&injector->from.header), &from, sizeof from);
}

// Every event has a netlink header of its own: two in one datagram arrive as one that carries the other behind it.
void injector_put(struct injector *injector, uint32_t index, const void *payload, uint32_t length)
{
	injector->headers[index] = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN + length,
		.nlmsg_type = NLMSG_MIN_TYPE,
		.nlmsg_flags = NLM_F_REQUEST,
		.nlmsg_seq = index,
	};
	injector->parts[index][0] = (struct iovec){ &injector->headers[index], NLMSG_HDRLEN };
	injector->parts[index][1] = (struct iovec){ (void *)payload, length };
	injector->messages[index].msg_hdr = (struct msghdr){
		.msg_iov = injector->parts[index],
		.msg_iovlen = 2,
		.msg_control = &injector->from,
		.msg_controllen = sizeof injector->from,
	};
}

// An error is answered unasked, and has come when the call is over; an acknowledgement would cost a third of the event.
static void read_errors(int fd)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr body;
	} answer;
	if (recv(fd, &answer, sizeof answer, MSG_DONTWAIT) >= 0) {
		errno = -answer.body.error;
		fail("injection");
	}
	if (errno != EAGAIN)
		fail("answer");
}

void injector_send(struct injector *injector, uint32_t count)
{
	int sent = count == 1 ? (int)(sendmsg(injector->fd, &injector->messages[0].msg_hdr, 0) > 0)
			      : sendmmsg(injector->fd, injector->messages, count, 0);
	if (sent != (int)count)
		fail("sending");
	read_errors(injector->fd);
}
