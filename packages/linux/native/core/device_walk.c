#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "sys.h"

#define DEPTH_MAX 64 // real trees are less than 20 deep

struct walk {
	struct bytes *out;
	char devpath[PATH_MAX];
	size_t length; // of devpath
	int depth;
};

static int walk_directory(struct walk *walk, int directory);

static int is_child(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

// A device that goes while we walk is not an error: it sends its own `remove`.
static int gone(int error)
{
	return error == -ENOENT || error == -ENODEV || error == -ELOOP || error == -ENOTDIR || error == -EACCES;
}

static int walk_child(struct walk *walk, int parent, const char *name)
{
	size_t before = walk->length;
	size_t added = strlen(name) + 1;
	if (before + added >= sizeof walk->devpath || walk->depth == DEPTH_MAX)
		return 0;
	int directory = sys_result(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (directory < 0)
		return gone(directory) ? 0 : directory;
	snprintf(walk->devpath + before, sizeof walk->devpath - before, "/%s", name);
	walk->length += added;
	walk->depth++;
	int error = walk_directory(walk, directory);
	walk->depth--;
	walk->length = before;
	walk->devpath[before] = '\0';
	return error;
}

static int walk_children(struct walk *walk, DIR *stream)
{
	int error = 0;
	const struct dirent *entry;
	while (error == 0 && (entry = readdir(stream)) != NULL)
		if (is_child(entry))
			error = walk_child(walk, dirfd(stream), entry->d_name);
	return error;
}

// Takes the descriptor.
static int walk_directory(struct walk *walk, int directory)
{
	int error = device_append(directory, walk->devpath, walk->out);
	DIR *stream = error == 0 || gone(error) ? fdopendir(directory) : NULL;
	if (stream == NULL) {
		close(directory);
		return error && !gone(error) ? error : -ENOMEM;
	}
	error = walk_children(walk, stream);
	closedir(stream);
	return error;
}

int device_walk(int root, struct bytes *out)
{
	struct walk walk = { .out = out };
	return walk_child(&walk, root, "devices");
}
