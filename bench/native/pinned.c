// pinned PROCESSOR PROGRAM ARGUMENT…: becomes a program that runs on one processor alone.
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker.h"

int main(int argc, char **argv)
{
	cpu_set_t processors;
	if (argc < 3)
		return 2;
	CPU_ZERO(&processors);
	CPU_SET(atoi(argv[1]), &processors);
	if (sched_setaffinity(0, sizeof processors, &processors) < 0)
		fail("sched_setaffinity");
	execv(argv[2], argv + 2);
	fail(argv[2]);
}
