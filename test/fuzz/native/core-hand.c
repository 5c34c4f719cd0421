// Orders to the process that works in the directories of containers, and its answers: what is in a message, and which descriptors come with it.
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "fake/input.h"

static ssize_t fake_sendmsg(int fd, const struct msghdr *message, int flags);
static int fake_close(int fd);
static ssize_t fake_pread(int fd, void *bytes, size_t room, off_t at);
static int fake_call();
static int fake_clock(struct timespec *time);
#define sendmsg fake_sendmsg
#define close fake_close
#define pread fake_pread
#define clock_gettime(id, time) fake_clock(time)
#define setns(...) fake_call(__VA_ARGS__)
#define fchdir(...) fake_call(__VA_ARGS__)
#define chroot(...) fake_call(__VA_ARGS__)
#define fstatfs(fd, fs) ((void)(fd), (fs)->f_type = TMPFS, 0)
#define syscall(...) fake_call(__VA_ARGS__)
#include "linux/native/core/hand.c"

#define FIRST 20
#define FDS 64

static struct input input;
static int is_open[FDS];
static int answers;
static long now;

static int open_fd(void)
{
	for (int fd = FIRST; fd < FDS; fd++)
		if (!is_open[fd]) {
			is_open[fd] = 1;
			return fd;
		}
	abort();
}

static int fake_close(int fd)
{
	if (fd >= FIRST) {
		HOLDS(fd < FDS && is_open[fd]);
		is_open[fd] = 0;
	}
	return 0;
}

static ssize_t fake_pread(int fd, void *bytes, size_t room, off_t at)
{
	(void)fd, (void)at;
	return (ssize_t)take(&input, bytes, take_byte(&input) % (room + 1));
}

/** Only what is whole is sent: src/dev/hand.ts makes it, and the addon looks. Most of it is made so here. */
static int is_sent(struct hand_order *order, size_t size)
{
	const size_t head = offsetof(struct hand_order, text);
	if (size > head && take_byte(&input) % 4 != 1) {
		order->length = (uint32_t)(size - head - 1);
		order->text[order->length] = '\0';
		order->path[HAND_PATH_SIZE - 1] = '\0';
	}
	return hand_order_is_whole(order, size);
}

/** Any bytes, with up to as many descriptors as there is room for; what did not fit is said. */
int child_receive(int channel, struct msghdr *message)
{
	size_t length = take_word(&input) % (message->msg_iov->iov_len + 1);
	int count = take_byte(&input) % (FDS_MAX + 2), fits = count > FDS_MAX ? FDS_MAX : count;
	(void)channel;
	if (input.left == 0)
		return -EAGAIN;
	memset(message->msg_iov->iov_base, 0x55, length);
	take(&input, message->msg_iov->iov_base, length);
	if (message->msg_iov->iov_len == sizeof(struct hand_order) && !is_sent(message->msg_iov->iov_base, length))
		return -EAGAIN;
	message->msg_flags = count > fits ? MSG_CTRUNC : 0;
	message->msg_controllen = 0;
	if (fits > 0) {
		struct cmsghdr item = { .cmsg_len = CMSG_LEN((size_t)fits * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(message->msg_control, &item, sizeof item);
		for (int i = 0; i < fits; i++) {
			int fd = open_fd();
			memcpy((char *)message->msg_control + CMSG_LEN(0) + (size_t)i * sizeof fd, &fd, sizeof fd);
		}
		message->msg_controllen = CMSG_SPACE((size_t)fits * sizeof(int));
	}
	return (int)length;
}

static ssize_t fake_sendmsg(int fd, const struct msghdr *message, int flags)
{
	(void)fd;
	HOLDS(flags == MSG_NOSIGNAL && message->msg_iov->iov_len == sizeof(struct hand_answer));
	answers++;
	return (ssize_t)message->msg_iov->iov_len;
}

/** What is carried out has texts that end, in the order itself. */
int hand_work(const int *fds, const struct hand_order *order, struct hand_answer *answer)
{
	HOLDS(memchr(order->path, '\0', sizeof order->path) != NULL);
	HOLDS(order->length < HAND_TEXT_SIZE && order->text[order->length] == '\0');
	HOLDS(fds[0] == -1 || is_open[fds[0]]);
	answer->inode = order->inode;
	return order->work == HAND_LIST && order->mode % 2 ? open_fd() : order->mode % 3 ? -ENOENT : 0;
}

/** What is done takes as long as the input says. */
static int fake_clock(struct timespec *time)
{
	now += take_byte(&input) * 100000;
	*time = (struct timespec){ .tv_nsec = now };
	return 0;
}

/** Any call that enters or mounts something. */
static int fake_call()
{
	return 0;
}

int detached_start_apart(void *(*run)(void *), void *context, const int *own, int count)
{
	(void)run, (void)context, (void)own, (void)count;
	return -ENOSYS;
}

static void check_closed(int kept)
{
	int open = 0;
	for (int fd = FIRST; fd < FDS; fd++)
		open += is_open[fd];
	HOLDS(open == kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct home home = { 3, 4, 5 };
	input = (struct input){ bytes, length };
	memset(is_open, 0, sizeof is_open);
	answers = 0;
	now = 0;
	if (take_byte(&input) & 1) {
		struct hand_answer answer;
		int result = hand_await(6, 100, &answer);
		HOLDS(result < FIRST || answer.error != 0 || is_open[result]);
		return 0;
	}
	while (input.left > 0 && serve(6, &home) == 0)
		check_closed(0);
	return 0;
}
