#include "empty.h"

#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "listing.h"
#include "sys.h"

#define STEP_NS 100000000 // after which it says how far it is
#define OURS 0700

struct emptying {
	int top; // however deep it is, one descriptor is enough, and a short path
	int place; // in which it is now
	uint64_t until;
	int taken;
};

// Opens a directory for reading that its owner, who may be us, has shut. With `must`, only one that is ours.
static int open_again(int place, int must)
{
	char way[32];
	snprintf(way, sizeof way, "/proc/self/fd/%d", place);
	int error = sys_result(chmod(way, OURS));
	return error && must ? error : sys_result(open(way, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// Never a symlink.
static int open_shut(int above, const char *name)
{
	int place = sys_result(openat(above, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	int opened = place < 0 ? place : open_again(place, 1);
	if (place >= 0)
		close(place);
	return opened;
}

// Removes it, unless it is a directory with something in it: then it is full.
static int is_full(struct emptying *emptying, const char *name)
{
	int error = sys_result(unlinkat(emptying->place, name, 0));
	int is_directory = error == -EISDIR;
	if (is_directory)
		error = sys_result(unlinkat(emptying->place, name, AT_REMOVEDIR));
	emptying->taken += error == 0;
	return is_directory && error < 0;
}

static void move_up(struct emptying *emptying, const char *name)
{
	uint64_t random;
	char up[32];
	if (!is_full(emptying, name) || getrandom(&random, sizeof random, 0) < 0)
		return;
	int opened = open_shut(emptying->place, name); // who may not write to a directory may not move it
	if (opened < 0)
		return;
	close(opened);
	snprintf(up, sizeof up, ".%016jx", (uintmax_t)random);
	emptying->taken += renameat(emptying->place, name, emptying->top, up) == 0;
}

// What is full in it is at the top then, where it is found later.
static void take_out(struct emptying *emptying, const char *name)
{
	struct listing listing;
	const char *inner;
	int place = is_full(emptying, name) ? open_shut(emptying->top, name) : -1;
	if (place < 0)
		return;
	emptying->place = place;
	listing_begin(&listing, place);
	while ((inner = listing_next(&listing)) != NULL && sys_now() < emptying->until)
		move_up(emptying, inner);
	emptying->place = emptying->top;
	close(place);
	emptying->taken += unlinkat(emptying->top, name, AT_REMOVEDIR) == 0;
}

static void take_all(struct emptying *emptying)
{
	struct listing listing;
	const char *name;
	lseek(emptying->top, 0, SEEK_SET);
	listing_begin(&listing, emptying->top);
	while ((name = listing_next(&listing)) != NULL && sys_now() < emptying->until)
		take_out(emptying, name);
}

int empty_directory(int directory)
{
	struct emptying emptying = { .top = open_again(directory, 0), .until = sys_now() + STEP_NS };
	if (emptying.top < 0)
		return emptying.top;
	emptying.place = emptying.top;
	int before;
	do {
		before = emptying.taken;
		take_all(&emptying);
	} while (emptying.taken > before);
	close(emptying.top);
	return emptying.taken > 0 && sys_now() >= emptying.until ? -EAGAIN : 0;
}
