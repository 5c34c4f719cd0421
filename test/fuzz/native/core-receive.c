// A batch as the kernel writes it: datagrams, who sent each, what was cut, an overrun.
#include <sys/socket.h>

#include "fake/input.h"

static int fake_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout);
#define recvmmsg fake_recvmmsg
#include "linux/native/core/receive.c"

#define SLOT 320 // bytes; what is in them is not looked at

static struct input input;

static void put_sender(struct msghdr *header, uint8_t what)
{
	size_t used = 0, room = header->msg_controllen;
	if (what & 1)
		header->msg_namelen = (socklen_t)take(&input, header->msg_name, sizeof(struct sockaddr_nl));
	if (what & 2) {
		struct cmsghdr item = { .cmsg_len = CMSG_LEN(sizeof(struct ucred)), .cmsg_level = what & 4 ? SOL_SOCKET : SOL_SOCKET + 1, .cmsg_type = what & 8 ? SCM_CREDENTIALS : SCM_RIGHTS };
		HOLDS(item.cmsg_len <= room);
		memcpy(header->msg_control, &item, sizeof item);
		take(&input, (char *)header->msg_control + CMSG_LEN(0), sizeof(struct ucred));
		used = CMSG_SPACE(sizeof(struct ucred)) < room ? CMSG_SPACE(sizeof(struct ucred)) : room;
	}
	header->msg_controllen = used;
}

static int fake_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
	static const int ERRORS[] = { EAGAIN, ENOBUFS, EBADF, EINTR };
	uint8_t what = take_byte(&input);
	unsigned came = 0;
	(void)timeout;
	HOLDS(fd == 5 && flags == MSG_DONTWAIT && count == RECEIVE_BATCH);
	if (what & 128) {
		errno = ERRORS[what % 4];
		return -1;
	}
	for (; came < count && input.left > 0; came++) {
		struct msghdr *header = &messages[came].msg_hdr;
		uint8_t kind = take_byte(&input);
		uint32_t length = take_short(&input) % (2 * SLOT);
		HOLDS(header->msg_iovlen == 1 && header->msg_iov->iov_len == SLOT);
		header->msg_flags = length > SLOT ? MSG_TRUNC : 0;
		messages[came].msg_len = length < SLOT ? length : SLOT;
		memset(header->msg_iov->iov_base, kind, messages[came].msg_len);
		put_sender(header, kind);
	}
	return (int)came;
}

/** Each lies in the slab, and none over another. */
static void check(const struct received *received)
{
	HOLDS(received->count + received->truncated <= RECEIVE_BATCH);
	HOLDS(!(received->overrun && received->drained) && (!(received->overrun || received->drained) || received->count == 0));
	for (uint32_t i = 0; i < received->count; i++) {
		HOLDS(received->starts[i] <= received->ends[i] && received->ends[i] <= RECEIVE_BATCH * SLOT);
		HOLDS(received->ends[i] - received->starts[i] <= SLOT);
		HOLDS(i == 0 || received->starts[i] >= received->ends[i - 1]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t *slab = malloc(RECEIVE_BATCH * SLOT);
	struct received *received = calloc(1, sizeof *received);
	void *headers = calloc(1, receive_headers_size());
	input = (struct input){ bytes, length };
	while (input.left > 0) {
		int error = receive_batch(5, headers, slab, RECEIVE_BATCH * SLOT, received);
		HOLDS(error <= 0);
		if (error == 0)
			check(received);
		receive_left(headers, RECEIVE_BATCH * SLOT, received); // whoever comes after
		check(received);
	}
	free(headers);
	free(slab);
	free(received);
	return 0;
}
