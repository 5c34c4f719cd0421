// Names in the directory, as the listener in TypeScript makes them: each sweeps what the other's dead left.
#ifndef UEVENT_SHIM_NAME_H
#define UEVENT_SHIM_NAME_H

#include "table.h"

/** Bytes of the longest, with its end. */
#define NAME_SIZE sizeof "1234567890-0123456789ab.libudev-zero.sock"
/** Groups for which there is a form. */
#define NAMED_GROUPS 7u

enum name_kind { NAME_OF_OTHERS, NAME_HIDDEN, NAME_OF_OURS };

/** A name that nobody had before: the pid is for people. */
struct name name_new(void);

/** `PID-RANDOM` and what asks for the form of the groups; with 0 a name that is no listener's. */
void name_text(char text[NAME_SIZE], const struct name *name, uint32_t groups);

enum name_kind name_kind(const char *text);

#endif
