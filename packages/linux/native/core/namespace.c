#include "namespace.h"

#include <linux/nsfs.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "sys.h"

#define GET_MOUNT_ID _IOR(NSIO, 0x5, uint64_t) // NS_GET_MNTNS_ID, of newer headers
#ifndef SYS_listmount
#define SYS_listmount 458
#endif
#define ITS_ROOT UINT64_MAX // LSMT_ROOT

/** `struct mnt_id_req`, of newer headers too. */
struct mount_request {
	uint32_t size;
	uint32_t spare;
	uint64_t mount;
	uint64_t behind;
	uint64_t mntns;
};

int process_open(int pid)
{
	return sys_result(syscall(SYS_pidfd_open, pid, 0));
}

int process_has_ended(int pidfd)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };
	int result;
	do
		result = sys_result(poll(&ended, 1, 0));
	while (result == -EINTR); // by a signal that is pending, although it waits for nothing
	return result;
}

int namespace_type(int fd)
{
	return sys_result(ioctl(fd, NS_GET_NSTYPE));
}

int namespace_owner(int fd)
{
	return sys_result(ioctl(fd, NS_GET_USERNS));
}

int64_t namespace_owner_uid(int fd)
{
	uid_t uid;
	int error = sys_result(ioctl(fd, NS_GET_OWNER_UID, &uid));
	return error ? error : (int64_t)uid;
}

int namespace_parent(int fd)
{
	return sys_result(ioctl(fd, NS_GET_PARENT));
}

uint64_t namespace_mount_id(int fd)
{
	uint64_t id = 0;
	return ioctl(fd, GET_MOUNT_ID, &id) == 0 ? id : 0;
}

int namespace_mount_exists(uint64_t id)
{
	struct mount_request request = { .size = sizeof request, .mount = ITS_ROOT, .mntns = id };
	uint64_t mount;
	int result = sys_result(syscall(SYS_listmount, &request, &mount, 1, 0));
	return result == -ENOENT ? 0 : result < 0 ? result : 1;
}

int process_signal(int pidfd, int signal)
{
	return sys_result(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}
