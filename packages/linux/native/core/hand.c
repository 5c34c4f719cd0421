#include "hand.h"

#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <time.h>

#include "child.h"
#include "detached.h"
#include "hand_work.h"
#include "mount_calls.h"
#include "sys.h"

#define FDS_MAX 2
#define QUICK_NS 2000000 // in which nobody is held up
#define TMPFS 0x01021994

/** Where the process was before it entered a container. */
struct home {
	int mntns;
	int root;
	int schedstat;
};

struct envelope {
	struct iovec body;
	struct msghdr message;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
};

static void wrap(struct envelope *envelope, void *body, size_t length)
{
	*envelope = (struct envelope){ .body = { body, length } };
	envelope->message.msg_iov = &envelope->body;
	envelope->message.msg_iovlen = 1;
	envelope->message.msg_control = envelope->control.bytes;
	envelope->message.msg_controllen = sizeof envelope->control.bytes;
}

static int send_with(int channel, const void *body, size_t length, const int *fds, int count)
{
	struct envelope envelope;
	size_t bytes = (size_t)count * sizeof(int);
	wrap(&envelope, (void *)body, length);
	if (count == 0) {
		envelope.message.msg_control = NULL;
		envelope.message.msg_controllen = 0;
	} else {
		envelope.message.msg_controllen = CMSG_SPACE(bytes);
		envelope.control.header = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(bytes), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS
		};
		memcpy(CMSG_DATA(&envelope.control.header), fds, bytes);
	}
	int sent = sys_result(sendmsg(channel, &envelope.message, MSG_NOSIGNAL));
	return sent < 0 ? sent : (size_t)sent == length ? 0 : -EIO;
}

// Returns how many descriptors came with it, or -errno; -EPIPE if the other end is closed.
static int receive_with(int channel, void *body, size_t least, size_t most, int *fds)
{
	struct envelope envelope;
	wrap(&envelope, body, most);
	int received = child_receive(channel, &envelope.message);
	struct cmsghdr *control = received < 0 ? NULL : CMSG_FIRSTHDR(&envelope.message);
	int count = control ? (int)((control->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
	if (control != NULL)
		memcpy(fds, CMSG_DATA(control), (size_t)count * sizeof(int));
	if (received >= 0 && (envelope.message.msg_flags & MSG_CTRUNC) != 0) {
		while (count > 0)
			close(fds[--count]);
		return -EMFILE;
	}
	return received < 0 ? received : (size_t)received >= least ? count : -EPIPE;
}

// Of the mount alone, so that what is mounted below it is not in our way; unless its root could not take that away himself, as then no
// other copy is to be had.
static int copy_apart(int place)
{
	const struct mount_attributes apart = { .propagation = MS_PRIVATE };
	int copy = mount_copy(place, 0, &apart);
	return copy == -EINVAL ? mount_copy(place, TREE_RECURSIVE, &apart) : copy;
}

static int copy_dev(int root, const char *path)
{
	struct statfs fs;
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int place = sys_result(syscall(SYS_openat2, root, path, &how, sizeof how));
	if (place < 0)
		return place;
	int copy = sys_result(fstatfs(place, &fs));
	if (copy == 0)
		copy = fs.f_type == TMPFS ? copy_apart(place) : -EOPNOTSUPP;
	close(place);
	return copy;
}

static int go_home(const struct home *home)
{
	int error = sys_result(setns(home->mntns, CLONE_NEWNS));
	if (error == 0)
		error = sys_result(fchdir(home->root));
	return error ? error : sys_result(chroot("."));
}

static int open_dev(const struct home *home, int mntns, int root, const char *path)
{
	int error = sys_result(setns(mntns, CLONE_NEWNS));
	if (error < 0)
		return error;
	int copy = copy_dev(root, path);
	if (go_home(home) < 0)
		_exit(1);
	return copy;
}

static int carry_out(const struct home *home, const int *fds, const struct hand_order *order, struct hand_answer *answer)
{
	return order->work == HAND_OPEN ? open_dev(home, fds[0], fds[1], order->path) : hand_work(fds, order, answer);
}

// Nanoseconds in which it ran or waited for a processor; 0 where the kernel does not say it.
static uint64_t awake(int schedstat)
{
	char text[128];
	char *rest = text;
	int length = sys_result(pread(schedstat, text, sizeof text - 1, 0));
	text[length < 0 ? 0 : length] = '\0';
	uint64_t ran = strtoull(rest, &rest, 10);
	return ran + strtoull(rest, NULL, 10); // waited
}

// What says that there is no answer is none of the file system's.
static int as_answer(int result)
{
	return result == -ETIMEDOUT || result == -EPIPE || result == -ECONNRESET ? -EIO : result;
}

// To empty a directory takes as long as a disk does.
static int waits_for_disk(const int *fds, const struct hand_order *order)
{
	struct statfs fs;
	return order->work == HAND_EMPTY && (fstatfs(fds[0], &fs) < 0 || fs.f_type != TMPFS);
}

static int carry_out_timed(const struct home *home, const int *fds, const struct hand_order *order, struct hand_answer *answer)
{
	uint64_t began = sys_now(), was_awake = awake(home->schedstat);
	int result = as_answer(carry_out(home, fds, order, answer));
	uint64_t took = sys_now() - began;
	if (took > QUICK_NS && !waits_for_disk(fds, order)) {
		uint64_t slept = took - (awake(home->schedstat) - was_awake);
		answer->slept = slept > took ? 0 : slept / 1000000;
	}
	return result;
}

static int serve(int channel, const struct home *home)
{
	static struct hand_order order;
	struct hand_answer answer = { 0 };
	int fds[FDS_MAX] = { -1, -1 };
	int count = receive_with(channel, &order, offsetof(struct hand_order, text) + 1, sizeof order, fds);
	if (count < 0)
		return count;
	int result = carry_out_timed(home, fds, &order, &answer);
	int has_opened = (order.work == HAND_OPEN || order.work == HAND_LIST) && result >= 0;
	answer.error = has_opened ? 0 : result;
	int error = send_with(channel, &answer, sizeof answer, &result, has_opened);
	if (has_opened)
		close(result);
	for (int i = 0; i < count; i++)
		close(fds[i]);
	return error;
}

// Until the other end is closed.
static void *run(void *context)
{
	int channel = *(int *)context;
	struct home home = {
		.mntns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC),
		.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
		.schedstat = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC),
	};
	const struct hand_answer begun = { .inode = (uint64_t)getpid() };
	umask(0);
	if (send_with(channel, &begun, sizeof begun, NULL, 0) < 0)
		return NULL;
	while (home.mntns >= 0 && home.root >= 0 && serve(channel, &home) == 0)
		;
	return NULL;
}

int hand_start(void)
{
	int pair[2];
	int error = sys_result(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	if (error < 0)
		return error;
	error = detached_start_apart(run, &pair[1], &pair[1], 1);
	if (error == 0)
		return pair[0];
	close(pair[0]);
	close(pair[1]);
	return error;
}

int hand_await(int hand, int ms, struct hand_answer *answer)
{
	int fds[FDS_MAX] = { -1, -1 };
	struct timeval patience = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	setsockopt(hand, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	int count = receive_with(hand, answer, sizeof *answer, sizeof *answer, fds);
	if (count < 0)
		return count == -EAGAIN ? -ETIMEDOUT : count;
	return answer->error ? answer->error : count > 0 ? fds[0] : 0;
}

int hand_ask(int hand, int directory, int other, const struct hand_order *order, int ms, struct hand_answer *answer)
{
	const int sent[FDS_MAX] = { directory, other };
	size_t size = offsetof(struct hand_order, text) + order->length + 1;
	int error = send_with(hand, order, size, sent, other < 0 ? 1 : 2);
	return error ? error : hand_await(hand, ms, answer);
}
