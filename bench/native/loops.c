// loops NUMBER: makes a loop device of this number and removes it, again and again.
#include <fcntl.h>
#include <linux/loop.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>

#include "worker.h"

#define PAUSE_NS 5000000 // so that the kernel's events come one by one

static void rest(void)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };
	nanosleep(&pause, NULL);
}

int main(int argc, char **argv)
{
	uint32_t wanted;
	int number = argc > 1 ? atoi(argv[1]) : 0;
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		fail("/dev/loop-control");
	worker_ready();
	while (worker_next(&wanted)) {
		struct mark start = mark_now();
		for (uint32_t i = 0; i < wanted; i++) {
			if (ioctl(control, LOOP_CTL_ADD, number) != number)
				fail("LOOP_CTL_ADD");
			rest();
			if (ioctl(control, LOOP_CTL_REMOVE, number) != 0)
				fail("LOOP_CTL_REMOVE");
			rest();
		}
		worker_answer(start, wanted, 0, NULL);
	}
}
