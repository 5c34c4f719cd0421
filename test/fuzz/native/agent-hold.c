// The holder of sockets: connections that bring descriptors, and questions of the kernel about system calls. The kernel is the input:
// it decides what comes on which descriptor, and which descriptors there are is kept in a table.
#include "fake/calls.h"
#include "fake/input.h"

#include "agent/native/say.c"
#include "agent/native/notify.c"
#include "agent/native/hold.c"

#define FDS 2048
#define SIGNALS 3
#define LISTENER 4
#define FIRST 5

enum kind { CLOSED, OTHER_FILE, NOTIFIER, CONNECTION, SOCKET };

static struct input input;
static enum kind fds[FDS];
static uint64_t asked_id;
static int is_asked_for_uevents, is_answered, is_cut_short;
static long now;

static int open_fd(enum kind kind)
{
	for (int fd = FIRST; fd < FDS; fd++)
		if (fds[fd] == CLOSED) {
			fds[fd] = kind;
			return fd;
		}
	return -EMFILE;
}

static void check_open(long fd)
{
	HOLDS(fd >= FIRST && fd < FDS && fds[fd] != CLOSED);
}

/** What one message carries, as the kernel writes it: cut where the room ends. */
static size_t put_control(char *at, size_t room)
{
	size_t used = 0;
	for (int items = take_byte(&input) % 3; items > 0; items--) {
		int count = take_byte(&input) % (SENT_FDS_MAX + 1), is_rights = take_byte(&input) % 4 != 1;
		size_t space = room - used;
		if (space <= sizeof(struct cmsghdr))
			return used;
		size_t fits = (space - CMSG_LEN(0)) / sizeof(int);
		count = (size_t)count < fits ? count : (int)fits;
		struct cmsghdr item = { .cmsg_len = CMSG_LEN((size_t)count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = is_rights ? SCM_RIGHTS : SCM_CREDENTIALS };
		memcpy(at + used, &item, sizeof item);
		for (int i = 0; i < count; i++) {
			int fd = is_rights ? open_fd(take_byte(&input) % 2 ? NOTIFIER : OTHER_FILE) : i;
			if (fd < 0) {
				item.cmsg_len = CMSG_LEN((size_t)i * sizeof(int));
				memcpy(at + used, &item, sizeof item);
				return used + item.cmsg_len;
			}
			memcpy(at + used + CMSG_LEN(0) + (size_t)i * sizeof fd, &fd, sizeof fd);
		}
		size_t whole = CMSG_ALIGN(item.cmsg_len);
		used += whole < space ? whole : space;
	}
	return used;
}

static long receive(struct msghdr *message)
{
	uint8_t what = take_byte(&input);
	if (what % 8 == 1)
		return -EAGAIN;
	if (what % 8 == 2)
		return 0;
	message->msg_controllen = put_control(message->msg_control, message->msg_controllen);
	return 1 + take_short(&input) % (long)message->msg_iov->iov_len;
}

static long ask(struct seccomp_notif *call)
{
	for (size_t i = 0; i < sizeof *call; i++)
		HOLDS(((const char *)call)[i] == 0); // or the kernel refuses
	HOLDS(is_cut_short); // or it waits for good
	uint8_t what = take_byte(&input);
	if (what % 8 == 1)
		return -ENOENT;
	if (what % 8 == 2)
		return what & 8 ? -EINTR : -EBADF;
	take(&input, call, sizeof *call);
	call->data.arch = take_byte(&input) % 4 == 1 ? call->data.arch : ARCH;
	if (what & 16) {
		call->data.nr = SYS_socket;
		call->data.args[0] = AF_NETLINK;
		call->data.args[2] = NETLINK_KOBJECT_UEVENT;
	}
	asked_id = call->id;
	is_asked_for_uevents = call->data.arch == ARCH && call->data.nr == SYS_socket && (int)call->data.args[0] == AF_NETLINK &&
			       (int)call->data.args[2] == NETLINK_KOBJECT_UEVENT;
	is_answered = 0;
	return 0;
}

static long answer(const struct seccomp_notif_resp *response)
{
	HOLDS(response->id == asked_id && !is_answered);
	HOLDS((response->flags == SECCOMP_USER_NOTIF_FLAG_CONTINUE) == !is_asked_for_uevents);
	HOLDS(response->flags == 0 ? response->error < 0 : response->error == 0 && response->val == 0);
	is_answered = 1;
	return take_byte(&input) % 4 == 1 ? -ENOENT : 0;
}

static long give(const struct seccomp_notif_addfd *given)
{
	check_open(given->srcfd);
	HOLDS(is_asked_for_uevents && !is_answered && given->id == asked_id && fds[given->srcfd] == SOCKET);
	uint8_t what = take_byte(&input);
	is_answered = what % 4 != 1 && what % 4 != 2;
	return what % 4 == 1 ? -ENOENT : what % 4 == 2 ? -EMFILE : 7;
}

static long control(long fd, long request, long pointer)
{
	check_open(fd);
	HOLDS(fds[fd] == NOTIFIER);
	if ((unsigned long)request == SECCOMP_IOCTL_NOTIF_RECV)
		return ask((struct seccomp_notif *)pointer);
	if ((unsigned long)request == SECCOMP_IOCTL_NOTIF_SEND)
		return answer((const struct seccomp_notif_resp *)pointer);
	return give((const struct seccomp_notif_addfd *)pointer);
}

/** Any of them may be ready; at the end of the input the signal to end is. */
static long poll_all(struct pollfd *polled, long count)
{
	static const short EVENTS[] = { 0, 0, POLLIN, POLLIN, POLLIN, POLLHUP, POLLERR, POLLIN | POLLHUP };
	if (polled == NULL)
		return 0;
	HOLDS(count >= 2 && count <= 2 + CONNECTIONS_MAX + NOTIFIERS_MAX);
	for (long i = 2; i < count; i++) {
		check_open(polled[i].fd);
		polled[i].revents = EVENTS[take_byte(&input) % 8];
	}
	polled[1].revents = polled[1].fd < 0 ? 0 : EVENTS[take_byte(&input) % 5];
	polled[0].revents = input.left == 0 ? POLLIN : 0;
	return 1;
}

static long link_of(const char *path, char *text, long room)
{
	static const char IS[] = "anon_inode:seccomp notify", OTHER[] = "anon_inode:seccomp notifyx";
	long fd = strtol(path + strlen("/proc/self/fd/"), NULL, 10);
	check_open(fd);
	const char *is = fds[fd] == NOTIFIER ? IS : OTHER;
	long length = (long)strlen(is) < room ? (long)strlen(is) : room;
	memcpy(text, is, (size_t)length);
	return length;
}

static long answered(long number, long a, long b, long c, long d)
{
	switch (number) {
	case SYS_close:
		check_open(a);
		fds[a] = CLOSED;
		return 0;
	case SYS_recvmsg:
		check_open(a);
		HOLDS(fds[a] == CONNECTION);
		return receive((struct msghdr *)b);
	case SYS_sendto:
		HOLDS(fds[a] == CONNECTION && c == 1);
		return 1;
	case SYS_accept4:
		HOLDS(a == LISTENER);
		return take_byte(&input) % 8 == 1 ? -EMFILE : open_fd(CONNECTION);
	case SYS_ioctl:
		return control(a, b, c);
	case SYS_ppoll:
		return poll_all((struct pollfd *)a, b);
	case SYS_readlinkat:
		return link_of((const char *)b, (char *)c, d);
	case SYS_socket:
		HOLDS(a == AF_NETLINK && (b & SOCK_CLOEXEC) != 0 && c == NETLINK_KOBJECT_UEVENT);
		return take_byte(&input) % 8 == 1 ? -EPROTONOSUPPORT : open_fd(SOCKET);
	default:
		return -ENOSYS;
	}
}

long clock_ms(void)
{
	return now += 7;
}

void signals_cut_short(long ms)
{
	is_cut_short = ms > 0;
}

int signals_open(int *fd, uint64_t wanted, uint64_t *before)
{
	(void)fd, (void)wanted, (void)before;
	return 0;
}

int socket_place(struct own_socket *own, const char *path, int type)
{
	(void)own, (void)path, (void)type;
	return 0;
}

void socket_remove(const struct own_socket *own)
{
	(void)own;
}

long files_open_nothing(void)
{
	return -EMFILE;
}

void shadow_hide(void)
{
}

void shadow_drop_privileges(void)
{
}

long shadow_enter(void)
{
	return 0;
}

/** Whatever came is kept or closed. */
static void check_descriptors(const struct holder *holder)
{
	int kept = 0;
	HOLDS(holder->connection_count <= CONNECTIONS_MAX && holder->notifier_count <= NOTIFIERS_MAX);
	for (int i = 0; i < holder->connection_count; i++)
		HOLDS(fds[holder->connections[i].fd] == CONNECTION && holder->connections[i].length <= MESSAGE_MAX);
	for (int i = 0; i < holder->notifier_count; i++)
		HOLDS(fds[holder->notifiers[i]] == NOTIFIER);
	for (int fd = FIRST; fd < FDS; fd++)
		kept += fds[fd] != CLOSED;
	HOLDS(kept == holder->connection_count + holder->notifier_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct holder holder;
	input = (struct input){ bytes, length };
	now = 0;
	memset(fds, 0, sizeof fds);
	memset(&holder, 0, sizeof holder);
	holder.own.fd = LISTENER;
	holder.signals = SIGNALS;
	run(&holder);
	check_descriptors(&holder);
	return 0;
}
