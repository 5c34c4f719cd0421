#include "hand.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/vfs.h>

#include "child.h"
#include "detached.h"
#include "mount_calls.h"
#include "sys.h"

#define PATIENCE_MS 500 // in which it has to answer
#define FDS_MAX 2
#define TMPFS 0x01021994
#define NO_REPLACE 1 // RENAME_NOREPLACE, of <linux/fs.h>
#define OPENED_NULL (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static const uint32_t null_major = 1, null_minor = 3;

/** Where the process was before it entered a container. */
struct home {
	int mntns;
	int root;
};

/** An entry of a directory, and that directory, open. */
struct entry {
	int parent;
	const char *name;
	char path[HAND_PATH_SIZE];
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

static int send_with(int channel, void *body, size_t length, const int *fds, int count)
{
	struct envelope envelope;
	size_t bytes = (size_t)count * sizeof(int);
	wrap(&envelope, body, length);
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
static int receive_with(int channel, void *body, size_t length, int *fds)
{
	struct envelope envelope;
	wrap(&envelope, body, length);
	int received = child_receive(channel, &envelope.message);
	struct cmsghdr *control = received < 0 ? NULL : CMSG_FIRSTHDR(&envelope.message);
	int count = control ? (int)((control->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
	if (control != NULL)
		memcpy(fds, CMSG_DATA(control), (size_t)count * sizeof(int));
	return received < 0 ? received : (size_t)received == length ? count : -EPIPE;
}

static int open_below(int directory, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	return sys_result(syscall(SYS_openat2, directory, path, &how, sizeof how));
}

static int open_entry(int directory, const char *path, struct entry *entry)
{
	strcpy(entry->path, path); // both have the same size
	char *slash = strrchr(entry->path, '/');
	entry->name = slash ? slash + 1 : entry->path;
	if (slash != NULL)
		*slash = '\0';
	entry->parent = open_below(directory, slash ? entry->path : ".", O_DIRECTORY);
	return entry->parent < 0 ? entry->parent : 0;
}

static int look_at(int place, struct hand_answer *answer)
{
	struct stat status;
	int error = sys_result(fstat(place, &status));
	if (error < 0)
		return error;
	answer->mode = status.st_mode;
	answer->major = major(status.st_rdev);
	answer->minor = minor(status.st_rdev);
	answer->inode = status.st_ino;
	return 0;
}

// Opens what has the inode that is meant.
static int open_meant(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	int place = open_below(directory, order->path, 0);
	int error = place < 0 ? place : look_at(place, answer);
	if (error == 0 && answer->inode != order->inode)
		error = -ECANCELED;
	if (error == 0)
		return place;
	if (place >= 0)
		close(place);
	return error;
}

static int own(int place, const struct hand_order *order)
{
	char way[32];
	snprintf(way, sizeof way, "/proc/self/fd/%d", place); // leads to that inode, whatever has its name by now
	int error = sys_result(fchownat(place, "", order->uid, order->gid, AT_EMPTY_PATH));
	return error ? error : sys_result(chmod(way, order->mode & 07777));
}

static int make_entry(const struct entry *entry, const struct hand_order *order)
{
	switch (order->mode & S_IFMT) {
	case S_IFLNK:
		return sys_result(symlinkat(order->target, entry->parent, entry->name));
	case S_IFDIR:
		return sys_result(mkdirat(entry->parent, entry->name, 0700));
	default:
		return sys_result(mknodat(entry->parent, entry->name, order->mode & S_IFMT, makedev(order->major, order->minor)));
	}
}

// Somebody may have put something else there meanwhile.
static int is_made(const struct hand_answer *made, const struct hand_order *order)
{
	return (made->mode & S_IFMT) == (order->mode & S_IFMT) && made->major == order->major && made->minor == order->minor;
}

static int finish(const struct entry *entry, const struct hand_order *order, struct hand_answer *answer)
{
	int place = open_below(entry->parent, entry->name, 0);
	int error = place < 0 ? place : look_at(place, answer);
	if (error == 0 && !is_made(answer, order))
		error = -ECANCELED;
	if (error == 0 && (order->mode & S_IFMT) != S_IFLNK)
		error = own(place, order);
	if (place >= 0)
		close(place);
	return error;
}

static int remove_from(const struct entry *entry, uint32_t mode)
{
	return sys_result(unlinkat(entry->parent, entry->name, (mode & S_IFMT) == S_IFDIR ? AT_REMOVEDIR : 0));
}

static int make(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	struct entry entry;
	int error = open_entry(directory, order->path, &entry);
	if (error < 0)
		return error;
	error = make_entry(&entry, order);
	if (error == 0) {
		error = finish(&entry, order, answer);
		if (error < 0 && error != -ECANCELED)
			remove_from(&entry, order->mode);
	}
	close(entry.parent);
	return error;
}

// By its descriptor: what is named is what was made. A directory has one name only.
static int name_in(const struct entry *from, int place, uint32_t mode, const struct entry *to)
{
	if ((mode & S_IFMT) == S_IFDIR)
		return sys_result(syscall(SYS_renameat2, from->parent, from->name, to->parent, to->name, NO_REPLACE));
	int error = sys_result(linkat(place, "", to->parent, to->name, AT_EMPTY_PATH));
	return error ? error : remove_from(from, mode);
}

static int give_name(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	struct entry from, to;
	int place = open_meant(directory, order, answer);
	if (place < 0)
		return place;
	int error = open_entry(directory, order->path, &from);
	if (error == 0) {
		error = open_entry(directory, order->target, &to);
		if (error == 0) {
			error = name_in(&from, place, answer->mode, &to);
			close(to.parent);
		}
		close(from.parent);
	}
	close(place);
	return error;
}

static int change(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	int place = open_meant(directory, order, answer);
	if (place < 0)
		return place;
	int error = own(place, order);
	close(place);
	return error;
}

static int try_null(int place, const struct hand_answer *found)
{
	char way[32];
	if ((found->mode & S_IFMT) != S_IFCHR || found->major != null_major || found->minor != null_minor)
		return -ECANCELED;
	snprintf(way, sizeof way, "/proc/self/fd/%d", place);
	int opened = sys_result(open(way, OPENED_NULL));
	if (opened >= 0)
		close(opened);
	return opened < 0 ? opened : 0;
}

static int try_to_open(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	int place = open_meant(directory, order, answer);
	if (place < 0)
		return place;
	int error = try_null(place, answer);
	close(place);
	return error;
}

static int remove_meant(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	struct entry entry;
	int place = open_meant(directory, order, answer);
	if (place < 0)
		return place;
	int error = open_entry(directory, order->path, &entry);
	if (error == 0) {
		error = remove_from(&entry, answer->mode);
		close(entry.parent);
	}
	close(place);
	return error;
}

static int look(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	int place = open_below(directory, order->path, 0);
	if (place < 0)
		return place;
	int error = look_at(place, answer);
	close(place);
	return error;
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
	switch (order->work) {
	case HAND_OPEN:
		return open_dev(home, fds[0], fds[1], order->path);
	case HAND_LOOK:
		return look(fds[0], order, answer);
	case HAND_MAKE:
		return make(fds[0], order, answer);
	case HAND_NAME:
		return give_name(fds[0], order, answer);
	case HAND_CHANGE:
		return change(fds[0], order, answer);
	case HAND_TRY:
		return try_to_open(fds[0], order, answer);
	case HAND_REMOVE:
		return remove_meant(fds[0], order, answer);
	default:
		return -EINVAL;
	}
}

static int serve(int channel, const struct home *home)
{
	struct hand_order order;
	struct hand_answer answer = { 0 };
	int fds[FDS_MAX] = { -1, -1 };
	int count = receive_with(channel, &order, sizeof order, fds);
	if (count < 0)
		return count;
	int result = carry_out(home, fds, &order, &answer);
	int has_opened = order.work == HAND_OPEN && result >= 0;
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
	};
	const struct hand_answer begun = { .inode = (uint64_t)getpid() };
	umask(0);
	if (send_with(channel, (void *)&begun, sizeof begun, NULL, 0) < 0)
		return NULL;
	while (home.mntns >= 0 && home.root >= 0 && serve(channel, &home) == 0)
		;
	return NULL;
}

int hand_start(void)
{
	int pair[2];
	struct timeval patience = { .tv_usec = PATIENCE_MS * 1000 };
	int error = sys_result(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	if (error < 0)
		return error;
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	error = detached_start_apart(run, &pair[1], &pair[1], 1);
	if (error == 0)
		return pair[0];
	close(pair[0]);
	close(pair[1]);
	return error;
}

int hand_await(int hand, struct hand_answer *answer)
{
	int fds[FDS_MAX] = { -1, -1 };
	int count = receive_with(hand, answer, sizeof *answer, fds);
	if (count < 0)
		return count == -EAGAIN ? -ETIMEDOUT : count;
	return answer->error ? answer->error : count > 0 ? fds[0] : 0;
}

int hand_ask(int hand, int directory, int other, const struct hand_order *order, struct hand_answer *answer)
{
	struct hand_order copy = *order;
	const int sent[FDS_MAX] = { directory, other };
	copy.path[HAND_PATH_SIZE - 1] = copy.target[HAND_TARGET_SIZE - 1] = '\0';
	int error = send_with(hand, &copy, sizeof copy, sent, other < 0 ? 1 : 2);
	return error ? error : hand_await(hand, answer);
}
