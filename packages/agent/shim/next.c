#include "next.h"

#define RTLD_NEXT ((void *)-1L)

extern void *dlsym(void *restrict handle, const char *restrict name) __attribute__((weak)); // old ones keep it in libdl

#define DEFINE(name, result, arguments) result(*next_##name) arguments;
NEXT_FUNCTIONS(DEFINE)
#undef DEFINE

__attribute__((constructor)) static void find_next(void)
{
	if (dlsym == NULL)
		return;
#define FIND(name, result, arguments) *(void **)&next_##name = dlsym(RTLD_NEXT, #name);
	NEXT_FUNCTIONS(FIND)
#undef FIND
}
