#include "survey.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "directory.h"
#include "glance.h"
#include "listing.h"
#include "sys.h"

#define READ_ONLY 1 // ST_RDONLY of statvfs, which statfs gives too

static int describe(int file, struct survey *found)
{
	struct stat status;
	struct statfs system;
	int error = sys_result(fstat(file, &status));
	if (error == 0)
		error = sys_result(fstatfs(file, &system));
	if (error < 0)
		return error;
	found->device = status.st_dev;
	found->inode = status.st_ino;
	found->mode = status.st_mode;
	found->uid = status.st_uid;
	found->links = (uint32_t)status.st_nlink;
	found->read_only = (system.f_flags & READ_ONLY) != 0;
	return 0;
}

static int try_to_connect(int file)
{
	int fd = socket_file_connect(file, SOCK_DGRAM);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

// -errno if it is gone.
static int describe_entry(int directory, const char *name, struct survey_entry *entry)
{
	struct stat status;
	int file = sys_open_beneath(directory, name, O_PATH | O_NOFOLLOW);
	if (file < 0)
		return file;
	int error = sys_result(fstat(file, &status));
	entry->type = (uint16_t)(status.st_mode & S_IFMT);
	entry->length = (uint8_t)strlen(name);
	if (error == 0 && S_ISSOCK(status.st_mode))
		entry->error = try_to_connect(file);
	close(file);
	return error;
}

static size_t put_entry(uint8_t *end, const struct survey_entry *entry, const char *name)
{
	memcpy(end, entry, sizeof *entry);
	memcpy(end + sizeof *entry, name, entry->length);
	return sizeof *entry + entry->length;
}

// Returns how many bytes there are, those of the survey too.
static size_t put_entries(int directory, struct survey *found, uint8_t *answer)
{
	size_t length = sizeof *found;
	struct listing listing;
	const char *name;
	listing_begin(&listing, directory);
	for (int looked = 0; (name = listing_next(&listing)) != NULL; looked++) {
		struct survey_entry entry = { 0 };
		found->more = looked == SURVEY_ENTRIES || length + sizeof entry + UINT8_MAX > GLANCE_ANSWER;
		if (found->more)
			break;
		if (strlen(name) <= UINT8_MAX && describe_entry(directory, name, &entry) == 0)
			length += put_entry(answer + length, &entry, name);
	}
	return length;
}

static int read_directory(int file, struct survey *found, uint8_t *answer)
{
	int directory = sys_result(openat(file, ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC));
	if (directory < 0)
		return directory;
	found->length = (uint32_t)put_entries(directory, found, answer);
	close(directory);
	return 0;
}

static int look(int root, const char *path, struct survey *found, uint8_t *answer)
{
	int file = glance_open(root, path);
	if (file < 0)
		return file;
	int error = describe(file, found);
	if (error == 0 && S_ISDIR(found->mode))
		error = read_directory(file, found, answer);
	close(file);
	return error;
}

static size_t survey(int root, const char *path, size_t length, uint8_t *answer)
{
	struct survey found = { .length = sizeof found };
	(void)length;
	int error = look(root, path, &found, answer);
	if (error < 0)
		found = (struct survey){ .error = error, .length = sizeof found };
	memcpy(answer, &found, sizeof found);
	return found.length;
}

int survey_start(int root, const char *path)
{
	return glance_start_with(survey, root, path, strlen(path) + 1);
}
