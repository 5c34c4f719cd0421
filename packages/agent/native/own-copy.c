#include "own-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/stat.h>
#include <sys/prctl.h>

#include "mem.h"
#include "sys.h"

#define NAME "uevent-agent"
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define WORDS_MAX 16

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static long open_self(void)
{
	return SYS(openat, AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
}

static int is_copy(int self)
{
	return (SYS(fcntl, self, F_GET_SEALS, 0) & SEALS) == SEALS;
}

/** Before Linux 6.3 a memfd may be executed without a word. */
static long new_memory(void)
{
	long fd = SYS(memfd_create, NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	return fd == -EINVAL ? SYS(memfd_create, NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING) : fd;
}

static long fill(int memory, int self)
{
	struct statx file;
	long error = SYS(statx, self, "", AT_EMPTY_PATH, STATX_SIZE, &file);
	for (uint64_t done = 0; error == 0 && done < file.stx_size;) {
		long sent = SYS(sendfile, memory, self, NULL, file.stx_size - done);
		error = sent > 0 ? 0 : sent < 0 ? sent : -EIO;
		done += (uint64_t)(sent > 0 ? sent : 0);
	}
	return error == 0 ? SYS(fcntl, memory, F_ADD_SEALS, SEALS) : error;
}

static long execute(int memory, const char *command, char **arguments)
{
	static char *environment[] = { NULL };
	char *words[WORDS_MAX] = { NAME, (char *)command };
	int count = 2;
	for (; *arguments != NULL; arguments++) {
		if (count == WORDS_MAX - 1)
			return -E2BIG;
		words[count++] = *arguments;
	}
	return SYS(execveat, memory, "", words, environment, AT_EMPTY_PATH);
}

static long become(int self, const char *command, char **arguments)
{
	long memory = new_memory();
	if (memory < 0)
		return memory;
	long error = fill((int)memory, self);
	if (error == 0)
		error = execute((int)memory, command, arguments);
	SYS(close, memory);
	return error;
}

long own_copy_become(const char *command, char **arguments)
{
	long self = open_self();
	if (self < 0)
		return self;
	int done = is_copy((int)self);
	long error = done ? SYS(prctl, PR_SET_NAME, NAME, 0, 0, 0) : become((int)self, command, arguments);
	SYS(close, self);
	return error;
}
