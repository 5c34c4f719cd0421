#ifndef UA_INBOX_H
#define UA_INBOX_H

#include "files.h"
#include "uevent.h"

#define EVENTS_DIR "/run/uevent" // where the container has what the relay made for it
#define SLOT_SIZE 4096 // bytes: a datagram and a NUL behind it

/** The socket in the directory of events by which the relay knows a listener. */
struct inbox {
	struct own_socket own;
	char path[SOCKET_PATH_MAX + 1];
	unsigned long refused;
};

/** What the commands that listen have in common. */
struct options {
	const char *dir;
	const char *name;
	long jobs;
	long timeout; // seconds
};

/**
 * Takes options off the arguments, those of jobs only if `jobs` is not 0 before. Returns a status, 0 for none wrong, and
 * where the rest begins.
 */
int options_read(struct options *options, char **arguments, char ***rest);

/** Binds DIR/NAME.sock. Says what is wrong, and returns a status. */
int inbox_open(struct inbox *inbox, const struct options *options);

/** The same with a socket of type SOCK_SEQPACKET that is connected already. */
void inbox_take(struct inbox *inbox, int fd);

/** Unlinks it. */
void inbox_close(struct inbox *inbox);

/**
 * The next event, into memory of SLOT_SIZE bytes. What is none is counted and said. Returns 1, or 0 if none waits.
 */
int inbox_next(struct inbox *inbox, struct uevent *event, char *memory);

/** Whether the count of something is to be said: 1, 2, 4, 8 … so that nobody fills a log. */
static inline int is_worth_saying(unsigned long count)
{
	return (count & (count - 1)) == 0;
}

#endif
