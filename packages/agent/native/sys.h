// System calls without a C library: a value, or -errno. Headers are used for layouts and numbers alone.
#ifndef UA_SYS_H
#define UA_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;
	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#else
#error "uevent-agent knows x86_64 and aarch64 only: add this processor's system call to sys.h and its start to start.c"
#endif

#define SYS_ARG(value) ((long)(value))
#define SYS_NTH(_0, _1, _2, _3, _4, _5, _6, name, ...) name
#define SYS_0(n) sys_call(n, 0, 0, 0, 0, 0, 0)
#define SYS_1(n, a) sys_call(n, SYS_ARG(a), 0, 0, 0, 0, 0)
#define SYS_2(n, a, b) sys_call(n, SYS_ARG(a), SYS_ARG(b), 0, 0, 0, 0)
#define SYS_3(n, a, b, c) sys_call(n, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), 0, 0, 0)
#define SYS_4(n, a, b, c, d) sys_call(n, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), SYS_ARG(d), 0, 0)
#define SYS_5(n, a, b, c, d, e) sys_call(n, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), SYS_ARG(d), SYS_ARG(e), 0)
#define SYS_6(n, a, b, c, d, e, f) \
	sys_call(n, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), SYS_ARG(d), SYS_ARG(e), SYS_ARG(f))

/** `SYS(openat, dir, path, flags)`: the numbers of <sys/syscall.h> are those of the processor that is compiled for. */
#define SYS(name, ...) \
	SYS_NTH(_, ##__VA_ARGS__, SYS_6, SYS_5, SYS_4, SYS_3, SYS_2, SYS_1, SYS_0)(SYS_##name, ##__VA_ARGS__)

_Noreturn static inline void sys_exit(int status)
{
	for (;;)
		SYS(exit_group, status);
}

#endif
