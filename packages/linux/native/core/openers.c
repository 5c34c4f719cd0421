#include "openers.h"

#include <sched.h>

#include "sys.h"
#include "uevent_socket.h"

#define FSCONFIG_CREATE 6 // FSCONFIG_CMD_CREATE of <linux/mount.h>; older C libraries clash with that header
#define FSOPEN_CLOSE_ON_EXEC 1
#define FSMOUNT_CLOSE_ON_EXEC 1
#define ATTRIBUTES (1 | 2 | 4 | 8) // MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC

int open_uevent_listener(const void *request, struct entered *opened)
{
	const struct listen_request *asked = request;
	opened->fds[0] = uevent_socket_open(asked->groups, asked->receive_buffer);
	return opened->fds[0] < 0 ? opened->fds[0] : 0;
}

int open_uevent_injector(const void *request, struct entered *opened)
{
	const uint32_t *group = request;
	opened->fds[0] = *group == KERNEL_GROUP ? uevent_injector_open() : uevent_group_open(*group);
	if (opened->fds[0] < 0)
		return opened->fds[0];
	opened->fds[1] = sys_result(open("/proc/thread-self/net/netlink", O_RDONLY | O_CLOEXEC));
	if (opened->fds[1] >= 0)
		return 0;
	close(opened->fds[0]);
	return opened->fds[1];
}

int open_sysfs(const void *unused, struct entered *opened)
{
	(void)unused;
	int context = sys_result(syscall(SYS_fsopen, "sysfs", FSOPEN_CLOSE_ON_EXEC));
	if (context < 0)
		return context;
	int mount = sys_result(syscall(SYS_fsconfig, context, FSCONFIG_CREATE, NULL, NULL, 0));
	if (mount == 0)
		mount = sys_result(syscall(SYS_fsmount, context, FSMOUNT_CLOSE_ON_EXEC, ATTRIBUTES));
	close(context);
	opened->fds[0] = mount;
	return mount < 0 ? mount : 0;
}

int open_sysfs_apart(const void *unused, struct entered *opened)
{
	int error = sys_result(unshare(CLONE_NEWNS));
	return error ? error : open_sysfs(unused, opened);
}
