#include "hand_work.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "empty.h"
#include "listing.h"
#include "sys.h"
#include "tree.h"

#define NO_REPLACE 1 // RENAME_NOREPLACE, of <linux/fs.h>
#define MADE_MODE 01700 // for others to find it only when it is as it should be; the rest of the mode is given then
#define OPENED_NULL (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static const uint32_t null_major = 1, null_minor = 3;

static int look_at(int place, struct hand_answer *answer)
{
	struct stat status;
	int error = sys_result(fstat(place, &status));
	if (error < 0)
		return error;
	answer->mode = status.st_mode;
	answer->major = major(status.st_rdev);
	answer->minor = minor(status.st_rdev);
	answer->inode = status.st_ino;
	return 0;
}

// Opens what has the inode that is meant.
static int open_meant(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	int place = entry_open_below(directory, order->path, O_PATH);
	int error = place < 0 ? place : look_at(place, answer);
	if (error == 0 && answer->inode != order->inode)
		error = -ECANCELED;
	if (error == 0)
		return place;
	if (place >= 0)
		close(place);
	return error;
}

static int make_entry(const struct entry *entry, const struct hand_order *order)
{
	switch (order->mode & S_IFMT) {
	case S_IFLNK:
		return sys_result(symlinkat(order->text, entry->parent, entry->name));
	case S_IFDIR:
		return sys_result(mkdirat(entry->parent, entry->name, order->mode & MADE_MODE));
	default:
		return sys_result(mknodat(entry->parent, entry->name, order->mode & S_IFMT, makedev(order->major, order->minor)));
	}
}

// Somebody may have put something else there meanwhile.
static int is_made(const struct hand_answer *made, const struct hand_order *order)
{
	return (made->mode & S_IFMT) == (order->mode & S_IFMT) && made->major == order->major && made->minor == order->minor;
}

static int finish(const struct entry *entry, const struct hand_order *order, struct hand_answer *answer)
{
	int place = entry_open_below(entry->parent, entry->name, O_PATH);
	int error = place < 0 ? place : look_at(place, answer);
	if (error == 0 && !is_made(answer, order))
		error = -ECANCELED;
	if (error == 0 && (order->mode & S_IFMT) != S_IFLNK)
		error = entry_own(place, order->mode, order->uid, order->gid);
	if (place >= 0)
		close(place);
	return error;
}

static int make(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	struct entry entry;
	int error = entry_open(directory, order->path, 0, &entry);
	if (error < 0)
		return error;
	error = make_entry(&entry, order);
	if (error == 0) {
		error = finish(&entry, order, answer);
		if (error < 0 && error != -ECANCELED)
			entry_remove(&entry, order->mode);
	}
	close(entry.parent);
	return error;
}

// By its descriptor: what is named is what was made. A directory has one name only.
static int name_in(const struct entry *from, int place, uint32_t mode, const struct entry *to)
{
	if ((mode & S_IFMT) == S_IFDIR)
		return sys_result(syscall(SYS_renameat2, from->parent, from->name, to->parent, to->name, NO_REPLACE));
	int error = sys_result(linkat(place, "", to->parent, to->name, AT_EMPTY_PATH));
	if (error < 0)
		return error;
	error = entry_remove(from, mode);
	return error == -ENOENT ? 0 : error; // somebody was quicker
}

static int give_name(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	struct entry from, to;
	int place = open_meant(directory, order, answer);
	if (place < 0)
		return place;
	int error = entry_open(directory, order->path, 0, &from);
	if (error == 0) {
		error = entry_open(directory, order->text, 0, &to);
		if (error == 0) {
			error = name_in(&from, place, answer->mode, &to);
			close(to.parent);
		}
		close(from.parent);
	}
	close(place);
	return error;
}

static int change(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	int place = open_meant(directory, order, answer);
	if (place < 0)
		return place;
	int error = entry_own(place, order->mode, order->uid, order->gid);
	close(place);
	return error;
}

static int try_null(int place, const struct hand_answer *found)
{
	char way[32];
	if ((found->mode & S_IFMT) != S_IFCHR || found->major != null_major || found->minor != null_minor)
		return -ECANCELED;
	snprintf(way, sizeof way, "/proc/self/fd/%d", place);
	int opened = sys_result(open(way, OPENED_NULL));
	if (opened >= 0)
		close(opened);
	return opened < 0 ? opened : 0;
}

static int try_to_open(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	int place = open_meant(directory, order, answer);
	if (place < 0)
		return place;
	int error = try_null(place, answer);
	close(place);
	return error;
}

static int remove_meant(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	struct entry entry;
	int place = open_meant(directory, order, answer);
	if (place < 0)
		return place;
	int error = entry_open(directory, order->path, 0, &entry);
	if (error == 0) {
		error = entry_remove(&entry, answer->mode);
		close(entry.parent);
	}
	close(place);
	return error;
}

// Whether what is there can stay: a node of its number, a directory, or a link that leads to the same.
static int is_as_good(const struct entry *entry, const struct stat *there, const struct hand_order *order)
{
	char text[PATH_MAX];
	if ((there->st_mode & S_IFMT) != (order->mode & S_IFMT))
		return 0;
	if (!S_ISLNK(order->mode))
		return S_ISDIR(order->mode) || there->st_rdev == makedev(order->major, order->minor);
	ssize_t length = readlinkat(entry->parent, entry->name, text, sizeof text);
	return length == (ssize_t)order->length && memcmp(text, order->text, order->length) == 0;
}

static int own_entry(const struct entry *entry, const struct hand_order *order)
{
	int place = S_ISLNK(order->mode) ? 0 : entry_open_below(entry->parent, entry->name, O_PATH);
	if (place <= 0)
		return place;
	int error = entry_own(place, order->mode, order->uid, order->gid);
	close(place);
	return error;
}

static int replace(const struct entry *made, const struct entry *entry, uint32_t there)
{
	int error = there ? entry_remove(entry, there) : 0;
	return error ? error : sys_result(linkat(made->parent, made->name, entry->parent, entry->name, 0));
}

// It is made where nobody looks: who watches hears of one that comes, and finds it as it should be.
static int make_aside(int workshop, const struct entry *entry, uint32_t there, const struct hand_order *order)
{
	char name[32];
	struct entry made = { .parent = workshop, .name = name };
	snprintf(name, sizeof name, "%d", getpid()); // one that was given up may be at work still
	entry_remove(&made, order->mode);
	int error = make_entry(&made, order);
	if (error == 0) {
		error = own_entry(&made, order);
		if (error == 0)
			error = replace(&made, entry, there);
		entry_remove(&made, order->mode);
	}
	return error;
}

static int put_entry(int workshop, const struct entry *entry, const struct hand_order *order)
{
	struct stat there = { 0 };
	int error = entry_look(entry, &there);
	if (error == 0 && is_as_good(entry, &there, order))
		return own_entry(entry, order);
	if (error < 0 && error != -ENOENT)
		return error;
	if (S_ISDIR(there.st_mode))
		return -EISDIR;
	if (!S_ISDIR(order->mode))
		return make_aside(workshop, entry, there.st_mode, order);
	error = there.st_mode ? entry_remove(entry, there.st_mode) : 0;
	if (error == 0)
		error = make_entry(entry, order);
	return error ? error : own_entry(entry, order);
}

static int write_all(int file, const struct hand_order *order)
{
	for (size_t at = 0; at < order->length;) {
		int written = sys_result(write(file, order->text + at, order->length - at));
		if (written < 0)
			return written;
		at += (size_t)written;
	}
	return 0;
}

// Who reads it finds the old or the new one. No other directory has a part in it: all such moves of a file system wait for each other.
static int write_entry(const struct entry *entry, const struct hand_order *order)
{
	char name[1 + NAME_MAX + 1];
	snprintf(name, sizeof name, ".%.*s", NAME_MAX - 1, entry->name);
	unlinkat(entry->parent, name, 0);
	int file = sys_result(openat(entry->parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, order->mode & 07777));
	if (file < 0)
		return file;
	int error = write_all(file, order);
	close(file);
	if (error == 0)
		error = sys_result(renameat(entry->parent, name, entry->parent, entry->name));
	if (error < 0)
		unlinkat(entry->parent, name, 0);
	return error;
}

static int put(int directory, int workshop, const struct hand_order *order)
{
	struct entry entry;
	int error = entry_open(directory, order->path, 1, &entry);
	if (error < 0)
		return error;
	error = order->work == HAND_WRITE ? write_entry(&entry, order) : put_entry(workshop, &entry, order);
	close(entry.parent);
	return error;
}

static int is_away(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -ELOOP;
}

static int take(int directory, const struct hand_order *order)
{
	struct entry entry;
	struct stat there;
	int error = entry_open(directory, order->path, 0, &entry);
	if (error == 0) {
		error = entry_look(&entry, &there);
		if (error == 0)
			error = entry_remove(&entry, there.st_mode);
		close(entry.parent);
	}
	return is_away(error) ? 0 : error;
}

static int write_names(int place, int file)
{
	struct listing listing;
	const char *name;
	char line[1 + NAME_MAX + 1];
	listing_begin(&listing, place);
	while ((name = listing_next(&listing)) != NULL) {
		if (strlen(name) > NAME_MAX)
			continue;
		int length = snprintf(line, sizeof line, "%c%s", listing.is_directory ? 'd' : '-', name) + 1;
		int written = sys_result(write(file, line, (size_t)length));
		if (written < 0)
			return written;
	}
	return sys_result(lseek(file, 0, SEEK_SET));
}

static int list(int directory, const char *path)
{
	int place = entry_open_below(directory, path, O_RDONLY | O_DIRECTORY);
	int file = place < 0 ? place : sys_result(memfd_create("list", MFD_CLOEXEC));
	int error = file < 0 ? file : write_names(place, file);
	if (error < 0 && file >= 0)
		close(file);
	if (place >= 0)
		close(place);
	return error < 0 ? error : file;
}

static int look(int directory, const struct hand_order *order, struct hand_answer *answer)
{
	int place = entry_open_below(directory, order->path, O_PATH);
	if (place < 0)
		return place;
	int error = look_at(place, answer);
	close(place);
	return error;
}

static int find(int directory, const char *path, struct hand_answer *answer)
{
	struct stat status = { 0 };
	int place = tree_open(directory, path);
	if (place < 0)
		return place;
	int error = sys_result(fstat(place, &status));
	close(place);
	answer->mode = status.st_mode;
	answer->major = major(status.st_dev);
	answer->minor = minor(status.st_dev);
	answer->inode = status.st_ino;
	return error;
}

int hand_work(const int *fds, const struct hand_order *order, struct hand_answer *answer)
{
	switch (order->work) {
	case HAND_LOOK:
		return look(fds[0], order, answer);
	case HAND_MAKE:
		return make(fds[0], order, answer);
	case HAND_NAME:
		return give_name(fds[0], order, answer);
	case HAND_CHANGE:
		return change(fds[0], order, answer);
	case HAND_TRY:
		return try_to_open(fds[0], order, answer);
	case HAND_REMOVE:
		return remove_meant(fds[0], order, answer);
	case HAND_PUT:
	case HAND_WRITE:
		return put(fds[0], fds[1], order);
	case HAND_TAKE:
		return take(fds[0], order);
	case HAND_LIST:
		return list(fds[0], order->path);
	case HAND_EMPTY:
		return empty_directory(fds[0]);
	case HAND_FIND:
		return find(fds[0], order->path, answer);
	case HAND_PLACE:
		return tree_place(fds[1], fds[0], order->path);
	case HAND_UNMOUNT:
		return tree_unmount(fds[0], order->path);
	default:
		return -EINVAL;
	}
}
