// Gives the programs of a container that has no user namespace of its own uevent sockets of a network namespace in which
// nothing is said but what a relay says. It decides nothing: a relay that is restarted is missed by nobody.
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "commands.h"
#include "files.h"
#include "mem.h"
#include "notify.h"
#include "say.h"
#include "shadow.h"
#include "signals.h"
#include "sys.h"

#define CONNECTIONS_MAX 64
#define NOTIFIERS_MAX 256
#define MESSAGE_MAX 65536 // bytes of one connection
#define IDLE_MS 10000
#define PAUSE_MS 100 // without descriptors left, until the next try
#define FILES_WANTED 512
#define SENT_FDS_MAX 253 // the kernel's bound for one message
#define CHUNK 4096

struct connection {
	int fd;
	int sent_fds; // whether any came
	unsigned char kept;
	size_t length;
};

struct holder {
	struct own_socket own;
	int signals;
	struct connection connections[CONNECTIONS_MAX];
	int connection_count;
	int notifiers[NOTIFIERS_MAX];
	int notifier_count;
	long pause_until;
	long idle_since; // 0 while somebody is there
};

/** The kernel takes no more entries than the process may have descriptors: none is left empty. */
struct polled {
	struct pollfd all[2 + CONNECTIONS_MAX + NOTIFIERS_MAX];
	struct pollfd *signals, *listener, *connections, *notifiers;
	int count;
};

static void drop_connection(struct holder *holder, int index)
{
	SYS(close, holder->connections[index].fd);
	holder->connections[index] = holder->connections[--holder->connection_count];
}

static void drop_notifier(struct holder *holder, int index)
{
	SYS(close, holder->notifiers[index]);
	holder->notifiers[index] = holder->notifiers[--holder->notifier_count];
}

static void keep_or_close(struct holder *holder, struct connection *connection, int fd)
{
	connection->sent_fds = 1;
	if (holder->notifier_count == NOTIFIERS_MAX || !notify_is_one(fd)) {
		SYS(close, fd);
		return;
	}
	holder->notifiers[holder->notifier_count++] = fd;
	if (connection->kept < UCHAR_MAX)
		connection->kept++;
}

/** Fits what one message may carry of descriptors, and credentials, which nobody asked for. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int) * SENT_FDS_MAX) + CMSG_SPACE(sizeof(struct ucred))];
};

static void take_fds(struct holder *holder, struct connection *connection, const union control *control, size_t length)
{
	for (size_t at = 0; at + sizeof(struct cmsghdr) <= length;) {
		struct cmsghdr item;
		memcpy(&item, control->space + at, sizeof item);
		if (item.cmsg_len < sizeof item || item.cmsg_len > length - at)
			return;
		size_t count = (item.cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count && item.cmsg_level == SOL_SOCKET && item.cmsg_type == SCM_RIGHTS; i++) {
			int fd;
			memcpy(&fd, control->space + at + CMSG_LEN(0) + i * sizeof fd, sizeof fd);
			keep_or_close(holder, connection, fd);
		}
		at += CMSG_ALIGN(item.cmsg_len);
	}
}

/** Who sent descriptors and waits hears how many are kept. Runtimes do not wait. */
static void acknowledge(const struct connection *connection)
{
	if (connection->sent_fds)
		SYS(sendto, connection->fd, &connection->kept, 1, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
}

/** What a runtime says of its container is not looked at: the kernel says all that is needed of a descriptor. */
static void read_connection(struct holder *holder, int index)
{
	struct connection *connection = &holder->connections[index];
	union control control;
	char bytes[CHUNK];
	struct iovec body = { .iov_base = bytes, .iov_len = sizeof bytes };
	struct msghdr message = {
		.msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	long length = SYS(recvmsg, connection->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (length == -EAGAIN)
		return;
	if (length > 0) {
		take_fds(holder, connection, &control, message.msg_controllen);
		connection->length += (size_t)length;
		if (connection->length <= MESSAGE_MAX)
			return;
	}
	acknowledge(connection);
	drop_connection(holder, index);
}

static void accept_connection(struct holder *holder, long now)
{
	long fd = SYS(accept4, holder->own.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -ENOBUFS)
		holder->pause_until = now + PAUSE_MS;
	if (fd < 0)
		return;
	if (holder->connection_count == CONNECTIONS_MAX) {
		SYS(close, fd);
		return;
	}
	holder->connections[holder->connection_count++] = (struct connection){ .fd = (int)fd };
}

static struct pollfd *add(struct polled *polled, int fd)
{
	polled->all[polled->count] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return &polled->all[polled->count++];
}

static void fill(struct polled *polled, const struct holder *holder, long now)
{
	polled->count = 0;
	polled->signals = add(polled, holder->signals);
	polled->listener = add(polled, now < holder->pause_until ? -1 : holder->own.fd);
	polled->connections = &polled->all[polled->count];
	for (int i = 0; i < holder->connection_count; i++)
		add(polled, holder->connections[i].fd);
	polled->notifiers = &polled->all[polled->count];
	for (int i = 0; i < holder->notifier_count; i++)
		add(polled, holder->notifiers[i]);
}

/** Milliseconds after which there is something to do in any case; -1: never. */
static long patience(const struct holder *holder, long now)
{
	if (now < holder->pause_until)
		return PAUSE_MS;
	return holder->idle_since == 0 ? -1 : holder->idle_since + IDLE_MS - now;
}

static void wait_for_any(struct polled *polled, long ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	while (SYS(ppoll, polled->all, polled->count, ms < 0 ? NULL : &time, NULL, 0) < 0)
		SYS(ppoll, NULL, 0, &pause, NULL, 0); // no memory for it now
}

/** One question of each: whoever asks without end is not alone. From the last on, as what is dropped is replaced by the last. */
static void serve(struct holder *holder, const struct polled *polled, long now)
{
	for (int i = holder->notifier_count - 1; i >= 0; i--) {
		short events = polled->notifiers[i].revents;
		int is_over = (events & (POLLHUP | POLLNVAL)) != 0; // and not at POLLERR, which passes
		if (events & POLLIN ? notify_answer(holder->notifiers[i]) < 0 : is_over)
			drop_notifier(holder, i); // nobody is left who could ask, or somebody else answers
	}
	for (int i = holder->connection_count - 1; i >= 0; i--)
		if (polled->connections[i].revents != 0)
			read_connection(holder, i);
	if (polled->listener->revents != 0)
		accept_connection(holder, now);
}

static void note_idleness(struct holder *holder, long now)
{
	if (holder->connection_count + holder->notifier_count > 0)
		holder->idle_since = 0;
	else if (holder->idle_since == 0)
		holder->idle_since = now;
}

static void run(struct holder *holder)
{
	struct polled polled;
	for (;;) {
		long now = clock_ms();
		note_idleness(holder, now);
		if (holder->idle_since != 0 && now - holder->idle_since >= IDLE_MS)
			return;
		fill(&polled, holder, now);
		wait_for_any(&polled, patience(holder, now));
		if (polled.signals->revents != 0)
			return;
		serve(holder, &polled, clock_ms());
	}
}

static void raise_file_limit(void)
{
	struct rlimit limit;
	if (SYS(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) < 0 || limit.rlim_cur >= FILES_WANTED)
		return;
	limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
	SYS(prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
}

/** Its parent reads `ready`, and then the end of all three: it waits for nothing more. */
static void leave_parent(const char *path)
{
	SYS(write, 1, "ready\n", 6);
	SYS(setsid); // refused to who leads a group already, which no terminal ends
	if (path[0] == '/')
		SYS(chdir, "/"); // and to its working directory, unless the socket is found from there
	long nothing = files_open_nothing();
	for (int fd = 0; fd <= 2 && nothing >= 0; fd++)
		SYS(dup3, nothing, fd, 0);
	if (nothing > 2)
		SYS(close, nothing);
}

int command_hold(char **arguments)
{
	struct holder holder = { .notifier_count = 0 };
	uint64_t before;
	if (arguments[0] == NULL)
		return say_usage("hold: where? The path of its socket is missing", "");
	if (arguments[1] != NULL)
		return say_usage("hold: one path is enough: ", arguments[1]);
	SYS(close_range, 3, ~0u, 0); // it outlives its parent, whose files are none of its
	shadow_hide();
	long error = shadow_enter();
	if (error < 0)
		return say_failure("a user and a network namespace cannot be made", "", error,
				   "Let users make them (sysctl kernel.unprivileged_userns_clone=1, "
				   "user.max_user_namespaces), mount /proc, or start it as root");
	int status = signals_open(&holder.signals, SIGNAL_BIT(SIGTERM), &before);
	if (status == 0)
		status = socket_place(&holder.own, arguments[0], SOCK_STREAM);
	if (status != 0)
		return status;
	raise_file_limit();
	shadow_drop_privileges();
	leave_parent(arguments[0]);
	run(&holder);
	socket_remove(&holder.own);
	return 0;
}
