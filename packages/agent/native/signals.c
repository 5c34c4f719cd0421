#include "signals.h"

#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <time.h>

#include "say.h"
#include "sys.h"

int signals_open(int *fd, uint64_t wanted, uint64_t *before)
{
	uint64_t all = ~0ul;
	long opened = SYS(rt_sigprocmask, SIG_SETMASK, &all, before, sizeof all);
	if (opened == 0)
		opened = SYS(signalfd4, -1, &wanted, sizeof wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	*fd = (int)opened;
	return opened < 0 ? say_failure("signals cannot be heard", "", opened, "Try again when less is open") : 0;
}

int signals_next_from(int fd, long *sender)
{
	struct signalfd_siginfo info;
	if (SYS(read, fd, &info, sizeof info) != sizeof info)
		return 0;
	*sender = info.ssi_pid;
	return (int)info.ssi_signo;
}

int signals_next(int fd)
{
	long sender;
	return signals_next_from(fd, &sender);
}

void signals_pause(long ms)
{
	struct timespec time = { .tv_nsec = ms * 1000000 };
	uint64_t wanted = SIGNALS_TO_END;
	if (SYS(rt_sigtimedwait, &wanted, NULL, &time, sizeof wanted) > 0)
		sys_exit(0);
}

void signals_restore(uint64_t before)
{
	SYS(rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
}

#if defined(__x86_64__)
#define RESTORER 0x04000000ul // the way back from a handler is ours to give
__asm__(".text\nsignals_return:\n\tmov $15, %eax\n\tsyscall\n");
#else
#define RESTORER 0ul
__asm__(".text\nsignals_return:\n");
#endif
__attribute__((visibility("hidden"))) void signals_return(void);

static void ignore(int number)
{
	(void)number;
}

void signals_cut_short(long ms)
{
	const struct { // as the kernel has it
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { .handler = ignore, .flags = RESTORER, .restorer = signals_return };
	uint64_t alarm = SIGNAL_BIT(SIGALRM);
	struct timeval time = { .tv_usec = ms * 1000 };
	struct itimerval timer = { .it_interval = time, .it_value = time }; // again: it may have come before the call
	SYS(rt_sigaction, SIGALRM, &action, NULL, sizeof alarm);
	SYS(rt_sigprocmask, ms > 0 ? SIG_UNBLOCK : SIG_BLOCK, &alarm, NULL, sizeof alarm);
	SYS(setitimer, ITIMER_REAL, &timer, NULL);
}

long clock_ms(void)
{
	struct timespec now = { 0 };
	SYS(clock_gettime, CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
