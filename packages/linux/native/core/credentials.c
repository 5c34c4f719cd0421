#include "credentials.h"

#include <string.h>
#include <sys/fsuid.h>

#include "sys.h"

#define NOBODYS ((uint32_t)-1) // an id that none has: it only says which there is

static struct __user_cap_header_struct ours(void)
{
	return (struct __user_cap_header_struct){ .version = _LINUX_CAPABILITY_VERSION_3 };
}

static int set_capabilities(const struct __user_cap_data_struct *capabilities)
{
	struct __user_cap_header_struct header = ours();
	return sys_result(syscall(SYS_capset, &header, capabilities));
}

static int get_own(struct credentials *own)
{
	struct __user_cap_header_struct header = ours();
	own->uid = (uint32_t)setfsuid(NOBODYS);
	own->gid = (uint32_t)setfsgid(NOBODYS);
	return sys_result(syscall(SYS_capget, &header, own->capabilities));
}

// The calls say nothing of a failure.
static int set_ids(uint32_t uid, uint32_t gid)
{
	setfsgid(gid);
	setfsuid(uid);
	return (uint32_t)setfsgid(NOBODYS) == gid && (uint32_t)setfsuid(NOBODYS) == uid ? 0 : -EPERM;
}

// Of root too, who has them without any other id.
static int drop_capabilities(const struct credentials *own)
{
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
	memcpy(none, own->capabilities, sizeof none);
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		none[i].effective = 0;
	return set_capabilities(none);
}

int credentials_lend(uint32_t uid, uint32_t gid, struct credentials *own)
{
	int error = get_own(own);
	if (error < 0)
		return error;
	syscall(SYS_setgroups, 0, NULL); // refused in a user namespace that an ordinary user made, who is in them there too
	error = set_ids(uid, gid);
	if (error == 0)
		error = drop_capabilities(own);
	if (error < 0)
		credentials_resume(own);
	return error;
}

void credentials_resume(const struct credentials *own)
{
	set_ids(own->uid, own->gid);
	set_capabilities(own->capabilities);
}
