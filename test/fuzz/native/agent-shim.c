// The library before programs of netlink: what they read of a socket of ours looks as if the kernel had said it, and which names in the
// directory are ours.
#include "fake/calls.h"
#include "fake/input.h"

#define UEVENT_SHIM_NEXT_H // the functions behind are this target
#define NEXT(name, ...) fake_##name(__VA_ARGS__)
#include "agent/shim/shim.h"

static struct input input;
static ssize_t fake_recvmsg(int fd, struct msghdr *message, int flags);
static ssize_t fake_recvfrom(int fd, void *bytes, size_t room, int flags, void *from, socklen_t *size);
static ssize_t fake_read(int fd, void *bytes, size_t room);
static ssize_t fake_readv(int fd, const struct iovec *into, int count);
static int fake_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout);

// libFuzzer itself calls the real ones.
#define recvmsg shim_recvmsg
#define recvfrom shim_recvfrom
#define recv shim_recv
#define read shim_read
#define readv shim_readv
#define recvmmsg shim_recvmmsg
#define __recv_chk shim_recv_chk
#define __recvfrom_chk shim_recvfrom_chk
#define __read_chk shim_read_chk
ssize_t shim_recvmsg(int fd, struct msghdr *message, int flags);
#include "agent/shim/receive.c"
#include "agent/shim/name.c"

#define OURS 7
#define ROOM 64

static int dropped;

int table_find(int fd, struct socket *socket)
{
	*socket = (struct socket){ .groups = 1 };
	return fd == OURS;
}

/** A datagram as the kernel gives it: the sender's address is a path, credentials come if they were asked for. */
static ssize_t fake_recvmsg(int fd, struct msghdr *message, int flags)
{
	uint8_t what = take_byte(&input);
	size_t length = take_byte(&input), put = 0;
	HOLDS(fd == OURS);
	if (input.left == 0 && what == 0)
		return answer(-EAGAIN);
	for (size_t i = 0; i < message->msg_iovlen; i++) {
		size_t room = message->msg_iov[i].iov_len, fits = length - put < room ? length - put : room;
		memset(message->msg_iov[i].iov_base, 'x', fits);
		put += fits;
	}
	if (message->msg_name != NULL && (what & 1)) {
		memset(message->msg_name, AF_UNIX, message->msg_namelen);
		message->msg_namelen = 2 + what;
	} else
		message->msg_namelen = 0;
	if (message->msg_control != NULL) {
		size_t room = message->msg_controllen, used = 0;
		if ((what & 2) && room >= CMSG_LEN(0)) {
			size_t size = CMSG_LEN(sizeof(struct ucred)) < room ? CMSG_LEN(sizeof(struct ucred)) : room;
			struct cmsghdr item = { .cmsg_len = size, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS };
			memset(message->msg_control, 0x55, size);
			memcpy(message->msg_control, &item, sizeof item);
			used = CMSG_SPACE(sizeof(struct ucred)) < room ? CMSG_SPACE(sizeof(struct ucred)) : size;
		}
		message->msg_controllen = used;
	}
	message->msg_flags = 0;
	return flags & MSG_TRUNC ? (ssize_t)length : (ssize_t)put;
}

static ssize_t fake_recvfrom(int fd, void *bytes, size_t room, int flags, void *from, socklen_t *size)
{
	(void)fd, (void)bytes, (void)room, (void)flags, (void)from, (void)size;
	return -1;
}

static ssize_t fake_read(int fd, void *bytes, size_t room)
{
	(void)fd, (void)bytes, (void)room;
	return 0;
}

static ssize_t fake_readv(int fd, const struct iovec *into, int count)
{
	(void)fd, (void)into, (void)count;
	return 0;
}

static int fake_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
	(void)fd, (void)messages, (void)count, (void)flags, (void)timeout;
	return -1;
}

static long answered(long number, long a, long b, long c, long d)
{
	(void)a, (void)b, (void)c, (void)d;
	HOLDS(number == SYS_recvmsg); // one that is empty is taken away
	dropped++;
	return 0;
}

/** The sender is the kernel. */
static void check_sender(const void *name, socklen_t room)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	HOLDS(memcmp(name, &kernel, room < sizeof kernel ? room : sizeof kernel) == 0);
}

static void read_message(int flags)
{
	size_t name_room = take_byte(&input) % 32, control_room = take_byte(&input) % 64, room = take_byte(&input);
	char *name = malloc(name_room + 1), *control = calloc(1, control_room + 1), *bytes = malloc(room + 1);
	struct iovec into[2] = { { bytes, room / 2 }, { bytes + room / 2, room - room / 2 } };
	struct msghdr message = { .msg_name = name, .msg_namelen = (socklen_t)name_room, .msg_iov = into, .msg_iovlen = 2, .msg_control = control, .msg_controllen = control_room };
	ssize_t size = shim_recvmsg(OURS, &message, flags);
	HOLDS(size != 0 || (room == 0 && !(flags & MSG_TRUNC))); // an empty one ends mdevd
	if (size > 0)
		check_sender(name, (socklen_t)name_room);
	for (struct cmsghdr *item = size > 0 ? CMSG_FIRSTHDR(&message) : NULL; item != NULL; item = NULL)
		for (size_t i = CMSG_LEN(0); i < item->cmsg_len; i++)
			HOLDS(((char *)item)[i] == 0);
	free(name);
	free(control);
	free(bytes);
}

static void read_many(int flags)
{
	char bytes[4][ROOM];
	struct sockaddr_nl names[4];
	struct iovec into[4];
	struct mmsghdr messages[4];
	for (int i = 0; i < 4; i++) {
		into[i] = (struct iovec){ bytes[i], ROOM };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &into[i], .msg_iovlen = 1 } };
	}
	int count = shim_recvmmsg(OURS, messages, take_byte(&input) % 5, flags, NULL);
	HOLDS(count <= 4);
	for (int i = 0; i < count; i++) {
		HOLDS(messages[i].msg_len > 0 && messages[i].msg_hdr.msg_namelen == sizeof names[i]);
		check_sender(&names[i], sizeof names[i]);
	}
}

static void read_plain(int flags)
{
	struct sockaddr_nl from;
	char bytes[ROOM];
	socklen_t size = take_byte(&input) % (sizeof from + 1);
	size_t room = take_byte(&input) % ROOM;
	ssize_t got = shim_recvfrom(OURS, bytes, room, flags, (struct sockaddr *)&from, &size);
	HOLDS(got <= 255 && (got < 0 || size == sizeof from));
	HOLDS(shim_read(OURS, bytes, room) <= (ssize_t)room);
	struct iovec into = { bytes, room };
	HOLDS(shim_readv(OURS, &into, 1) <= (ssize_t)room);
}

/** What we make is known as ours, and a name of others is let be. */
static void name(void)
{
	char text[NAME_SIZE], given[64];
	struct name made = { .pid = (int)(take_word(&input) & 0x7fffffff) };
	for (int i = 0; i < RANDOM_DIGITS; i++)
		made.random[i] = DIGITS[take_byte(&input) % 16];
	for (uint32_t groups = 0; groups <= 4; groups = groups == 0 ? 1 : groups * 2) {
		name_text(text, &made, groups);
		HOLDS(strlen(text) < NAME_SIZE && name_kind(text) == (groups == 0 ? NAME_HIDDEN : NAME_OF_OURS));
	}
	given[take(&input, given, sizeof given - 1)] = '\0';
	HOLDS(name_kind(given) == NAME_OF_OTHERS || (strlen(given) < NAME_SIZE + 4 && strchr(given, '/') == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	input = (struct input){ bytes, length };
	while (input.left > 0) {
		uint8_t what = take_byte(&input);
		int flags = (what & 4 ? MSG_PEEK : 0) | (what & 8 ? MSG_TRUNC : 0) | (what & 16 ? MSG_WAITFORONE : 0);
		if (what % 4 == 0)
			read_message(flags & ~MSG_WAITFORONE);
		else if (what % 4 == 1)
			read_many(flags);
		else if (what % 4 == 2)
			read_plain(flags & ~MSG_WAITFORONE);
		else
			name();
	}
	return 0;
}
