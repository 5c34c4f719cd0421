#ifndef UA_ENVIRONMENT_H
#define UA_ENVIRONMENT_H

#include "uevent.h"

#define VARIABLES_MAX 700 // more than fit into the kernel's 2048 bytes

/** What a helper may have in its environment: nothing but this. */
struct environment {
	char *variables[2 + VARIABLES_MAX + 1];
	const char *refused; // the first variable of the event that is kept from it, or NULL
};

/** As the kernel starts its hotplug helper, but for variables that a program would take for something else, and SEQNUM. */
void environment_make(struct environment *environment, const struct uevent *event);

#endif
