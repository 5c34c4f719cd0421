#include "device.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "sys.h"

#define UEVENT_FILE_MAX 4096 // sysfs gives no text file more than a page

struct device {
	struct device_header header;
	char link[PATH_MAX];
	const char *subsystem; // the last part of `link`
	uint8_t uevent[UEVENT_FILE_MAX];
};

static int read_subsystem(int directory, struct device *device)
{
	int length = sys_result(readlinkat(directory, "subsystem", device->link, sizeof device->link - 1));
	if (length < 0)
		return length == -EINVAL ? -ENOENT : length; // not a link: not a device
	device->link[length] = '\0';
	const char *slash = strrchr(device->link, '/');
	device->subsystem = slash ? slash + 1 : device->link;
	device->header.subsystem_length = (uint32_t)strlen(device->subsystem);
	return 0;
}

static int read_uevent(int directory, struct device *device)
{
	int file = sys_result(openat(directory, "uevent", O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
	if (file < 0)
		return file;
	int length = sys_result(read(file, device->uevent, sizeof device->uevent));
	close(file);
	device->header.uevent_length = length < 0 ? 0 : (uint32_t)length;
	return length < 0 ? length : 0;
}

static int read_inode(int directory, uint64_t *inode)
{
	struct stat status;
	int error = sys_result(fstat(directory, &status));
	if (error == 0)
		*inode = status.st_ino;
	return error;
}

static int append(struct bytes *out, const struct device *device, const char *devpath)
{
	const struct device_header *header = &device->header;
	size_t length = sizeof *header + header->devpath_length + header->subsystem_length + header->uevent_length;
	int error = bytes_reserve(out, length);
	if (error)
		return error;
	bytes_append(out, header, sizeof *header);
	bytes_append(out, devpath, header->devpath_length);
	bytes_append(out, device->subsystem, header->subsystem_length);
	return bytes_append(out, device->uevent, header->uevent_length);
}

int device_append(int directory, const char *devpath, struct bytes *out)
{
	struct device device = { .header = { .devpath_length = (uint32_t)strlen(devpath) } };
	int error = read_subsystem(directory, &device); // first: most directories have none
	if (error == 0)
		error = read_uevent(directory, &device);
	if (error == 0)
		error = read_inode(directory, &device.header.inode);
	return error ? error : append(out, &device, devpath);
}

static int open_directory(int root, const char *path)
{
	return sys_open_beneath(root, path, O_PATH | O_DIRECTORY);
}

int device_read(int root, const char *path, struct bytes *out)
{
	char devpath[PATH_MAX] = "/";
	if (strlen(path) + 2 > sizeof devpath)
		return -ENAMETOOLONG;
	int directory = open_directory(root, path);
	if (directory < 0)
		return directory;
	int error = device_append(directory, strcat(devpath, path), out);
	close(directory);
	return error;
}

int device_inode(int root, const char *path, uint64_t *inode)
{
	struct stat status;
	int directory = open_directory(root, path);
	if (directory < 0)
		return directory;
	int error = sys_result(fstatat(directory, "subsystem", &status, AT_SYMLINK_NOFOLLOW)); // gone before the directory is
	if (error == 0)
		error = read_inode(directory, inode);
	close(directory);
	return error;
}
