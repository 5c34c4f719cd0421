// What the core reads of the kernel as text or in records: tables of mounts, whose paths a container chooses; entries of a directory, which
// may be a container's file system; a device's link and file; the flags of a descriptor; the time that a process has had.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake/input.h"

static ssize_t fake_read(int fd, void *bytes, size_t room);
static ssize_t fake_readlinkat(int dir, const char *path, char *text, size_t room);
static long fake_syscall(long number, long fd, void *bytes, size_t room);
static int fake_openat(int dir, const char *path, int flags, ...);
#define read fake_read
#define readlinkat fake_readlinkat
#define openat fake_openat
#define close(fd) ((void)(fd), 0)
#include "linux/native/core/bytes.c"
#include "linux/native/core/device.c"
#define open_directory propagation_open_directory
#include "linux/native/core/propagation.c"
#define open(...) 5
#undef open_directory
#define open_directory holders_open_directory
#include "linux/native/core/holders.c"
#define record listing_record
#define fill listing_fill
#define syscall(number, fd, bytes, room) fake_syscall(number, fd, bytes, room)
#include "linux/native/core/listing.c"

static struct input input;

int detached_start_apart(void *(*run)(void *), void *context, const int *own, int count)
{
	(void)run, (void)context, (void)own, (void)count;
	return -ENOSYS;
}

/** At most a page, and less now and then. */
static ssize_t fake_read(int fd, void *bytes, size_t room)
{
	size_t length = take_short(&input) % (room + 1);
	HOLDS(fd == 5 && room > 0);
	if (input.left > 0 && length == 0)
		length = room < 64 ? room : 64;
	return (ssize_t)take(&input, bytes, length);
}

static ssize_t fake_readlinkat(int dir, const char *path, char *text, size_t room)
{
	size_t length = take_byte(&input);
	(void)dir, (void)path;
	return (ssize_t)take(&input, text, length < room ? length : room);
}

static int fake_openat(int dir, const char *path, int flags, ...)
{
	(void)dir, (void)path, (void)flags;
	return take_byte(&input) == 255 ? (errno = ENOENT, -1) : 5;
}

/** Records as `getdents64` gives them: a name is what a file system says, but ends, and has no slash. */
static long fake_syscall(long number, long fd, void *bytes, size_t room)
{
	size_t used = 0;
	HOLDS(number == SYS_getdents64 && fd == 5 && room == LISTING_SIZE);
	while (input.left > 0 && take_byte(&input) % 8 != 1) {
		size_t length = 1 + take_short(&input) % 1024, size = (offsetof(struct listing_record, name) + length + 1 + 7) & ~(size_t)7;
		struct listing_record *record = (struct listing_record *)((char *)bytes + used);
		if (used + size > room)
			break;
		memset(record, 'n', size);
		record->length = (uint16_t)size;
		record->type = take_byte(&input) % 16;
		take(&input, record->name, length);
		for (size_t i = 0; i < length; i++)
			if (record->name[i] == '\0' || record->name[i] == '/')
				record->name[i] = '.';
		record->name[length] = '\0';
		used += size;
	}
	return (long)used;
}

static void read_mounts(void)
{
	struct line line = line_of(5, take_byte(&input));
	HOLDS(line.mount < 256);
	has_group(5, line.shared);
}

static void read_device(void)
{
	struct bytes out = { 0 };
	static const char DEVPATH[] = "/devices/a";
	int error = device_append(1, DEVPATH, &out);
	if (error == 0) {
		struct device_header header;
		memcpy(&header, out.data, sizeof header);
		HOLDS(header.devpath_length == sizeof DEVPATH - 1 && header.uevent_length <= UEVENT_FILE_MAX);
		HOLDS(out.length == sizeof header + header.devpath_length + header.subsystem_length + header.uevent_length);
		HOLDS(memchr(out.data + sizeof header + header.devpath_length, '/', header.subsystem_length) == NULL);
	}
	bytes_free(&out);
}

static void list(void)
{
	struct listing *listing = malloc(sizeof *listing); // of its own, so that what is read beside it is seen
	const char *name;
	listing_begin(listing, 5);
	while ((name = listing_next(listing)) != NULL)
		HOLDS(strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strchr(name, '/') == NULL && strlen(name) <= 1024);
	free(listing);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	input = (struct input){ bytes, length };
	switch (take_byte(&input) % 4) {
	case 0:
		read_mounts();
		break;
	case 1:
		read_device();
		break;
	case 2:
		list();
		break;
	default:
		is_path_only(1, "7");
	}
	return 0;
}
