#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "mem.h"
#include "say.h"
#include "signals.h"
#include "sys.h"

#define TAKE_MS 1

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

int notify_is_one(int fd)
{
	static const char IS[] = "anon_inode:seccomp notify";
	char link[sizeof IS];
	struct text path = { .length = 0 };
	TEXT(&path, "/proc/self/fd/");
	text_number(&path, fd);
	path.bytes[path.length] = '\0';
	long length = SYS(readlinkat, AT_FDCWD, path.bytes, link, sizeof link);
	return length == sizeof IS - 1 && memcmp(link, IS, sizeof IS - 1) == 0;
}

/** A 32-bit argument: the kernel looks at no more of it. */
static int argument(const struct seccomp_notif *call, int index)
{
	return (int)call->data.args[index];
}

static int asks_for_uevents(const struct seccomp_notif *call)
{
	return call->data.arch == ARCH && call->data.nr == SYS_socket && argument(call, 0) == AF_NETLINK &&
	       argument(call, 2) == NETLINK_KOBJECT_UEVENT;
}

static long reply(int fd, const struct seccomp_notif *call, long error, uint32_t flags)
{
	struct seccomp_notif_resp response = { .id = call->id, .error = (int)error, .flags = flags };
	return SYS(ioctl, fd, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static long hand_over(int fd, const struct seccomp_notif *call)
{
	int type = argument(call, 1);
	long opened = SYS(socket, AF_NETLINK, type | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (opened < 0)
		return opened;
	struct seccomp_notif_addfd given = {
		.id = call->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)opened,
		.newfd_flags = type & SOCK_CLOEXEC ? O_CLOEXEC : 0,
	};
	long error = SYS(ioctl, fd, SECCOMP_IOCTL_NOTIF_ADDFD, &given);
	SYS(close, opened);
	return error < 0 ? error : 0;
}

long notify_answer(int fd)
{
	union {
		struct seccomp_notif call;
		char room[512]; // a later kernel may say more
	} asked;
	memset(&asked, 0, sizeof asked); // or the kernel does not take it
	signals_cut_short(TAKE_MS); // somebody else may have taken what there was: then the kernel waits for the next, whatever was polled
	long error = SYS(ioctl, fd, SECCOMP_IOCTL_NOTIF_RECV, &asked);
	signals_cut_short(0);
	if (error < 0)
		return error == -ENOENT ? 0 : error; // who asked has died since
	if (!asks_for_uevents(&asked.call)) {
		reply(fd, &asked.call, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		return 0;
	}
	error = hand_over(fd, &asked.call);
	if (error < 0 && error != -ENOENT)
		reply(fd, &asked.call, error, 0);
	return 0;
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

long notify_install(void)
{
	struct sock_filter code[] = {
		LOAD(arch), UNLESS(ARCH, 7),
		LOAD(nr), UNLESS(SYS_socket, 5),
		LOAD(args[0]), UNLESS(AF_NETLINK, 3), // the lower half: both processors begin with it
		LOAD(args[2]), UNLESS(NETLINK_KOBJECT_UEVENT, 1),
		RETURN(SECCOMP_RET_USER_NOTIF),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof code / sizeof *code, .filter = code };
	long fd = SYS(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (fd != -EACCES)
		return fd;
	SYS(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return SYS(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}
