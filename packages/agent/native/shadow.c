#include "shadow.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>

#include "files.h"
#include "say.h"
#include "sys.h"

#define NEW_NAMESPACES (CLONE_NEWUSER | CLONE_NEWNET)
static long map_one(const char *path, long id)
{
	struct text map = { .length = 0 };
	TEXT(&map, "0 ");
	text_number(&map, id);
	TEXT(&map, " 1");
	return files_write(path, map.bytes, map.length);
}

/**
 * One id alone, whoever makes it: who has a socket of the namespace can enter its user namespace (SIOCGSKNS, NS_GET_USERNS), and has
 * each capability over the ids that are mapped there.
 */
static long map_only_this(long uid, long gid)
{
	long error = files_write("/proc/self/setgroups", "deny", 4);
	if (error == 0)
		error = map_one("/proc/self/uid_map", uid);
	if (error == 0)
		error = map_one("/proc/self/gid_map", gid);
	return error;
}

long shadow_enter(void)
{
	long uid = SYS(geteuid), gid = SYS(getegid);
	long error = SYS(unshare, NEW_NAMESPACES);
	return error < 0 ? error : map_only_this(uid, gid);
}

/**
 * A root who shares our pid namespace has each capability over the namespace that we are about to make, and so could trace us, who
 * are in the host's mounts: from now on that takes CAP_SYS_PTRACE where we were started. An ordinary user's relay has none.
 */
void shadow_hide(void)
{
	if (SYS(geteuid) == 0)
		SYS(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void shadow_drop_privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 }, { 0 } };
	SYS(capset, &header, none);
	SYS(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
