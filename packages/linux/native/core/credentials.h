#ifndef UB_CREDENTIALS_H
#define UB_CREDENTIALS_H

#include <linux/capability.h>
#include <stdint.h>

/** For whom a process works in file systems. */
struct credentials {
	uint32_t uid;
	uint32_t gid;
	struct __user_cap_data_struct capabilities[_LINUX_CAPABILITY_U32S_3];
};

/**
 * Has this process, which has one thread, work in file systems as a user without capabilities who is in no group but his: it may do what
 * that one may. To others it is who it was: he can neither trace nor end it. Groups are left for good. Says what `credentials_resume`
 * needs. 0 or -errno.
 */
int credentials_lend(uint32_t uid, uint32_t gid, struct credentials *own);

/** Has it work as itself again. */
void credentials_resume(const struct credentials *own);

#endif
