// Where the kernel begins: argc, the arguments, NULL, the environment, NULL lie on the stack.
#include "sys.h"

int main(int argc, char **argv, char **environment);

__attribute__((used)) _Noreturn void start_main(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	sys_exit(main(argc, argv, argv + argc + 1));
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start_main\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tb start_main\n");
#endif
