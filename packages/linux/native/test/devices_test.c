#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../core/device.h"
#include "check.h"

static int open_sys(void)
{
	int root = open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(root >= 0);
	return root;
}

// The packed form is whole to its last byte, and each device reads alone as it was walked.
static void a_walk_is_well_formed(int root)
{
	struct bytes all = { 0 };
	size_t count = 0;
	CHECK(device_walk(root, &all) == 0);
	for (size_t at = 0; at < all.length; count++) {
		struct device_header header;
		char path[PATH_MAX];
		CHECK(at + sizeof header <= all.length);
		memcpy(&header, all.data + at, sizeof header);
		at += sizeof header;
		CHECK(header.devpath_length > strlen("/devices/") && header.devpath_length < sizeof path);
		CHECK(header.subsystem_length > 0);
		memcpy(path, all.data + at, header.devpath_length);
		path[header.devpath_length] = '\0';
		CHECK(strncmp(path, "/devices/", strlen("/devices/")) == 0);
		uint64_t inode;
		int error = device_inode(root, path + 1, &inode);
		CHECK(error == -ENOENT || (error == 0 && inode == header.inode));
		at += header.devpath_length + header.subsystem_length + header.uevent_length;
		CHECK(at <= all.length);
	}
	CHECK(count > 0);
	bytes_free(&all);
}

static void nothing_is_found_where_no_device_is(int root)
{
	char longest[PATH_MAX + 10];
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	const char *paths[] = {
		"", "/", ".", "..", "../sys/devices", "/sys/devices", "devices", "devices/", "devices/virtual", "class/net",
		"devices/no/such/device", "devices/../devices/virtual", "dev/block/7:0", "class/block/loop0", longest,
	};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct bytes bytes = { 0 };
		uint64_t inode;
		CHECK(device_read(root, paths[i], &bytes) < 0 && bytes.length == 0);
		CHECK(device_inode(root, paths[i], &inode) < 0);
		bytes_free(&bytes);
	}
}

static void a_bad_root_is_an_error(void)
{
	struct bytes bytes = { 0 };
	CHECK(device_walk(-1, &bytes) == -EBADF && device_read(-1, "devices/x", &bytes) == -EBADF);
	int file = open("/dev/null", O_RDONLY);
	CHECK(device_walk(file, &bytes) == 0 && bytes.length == 0); // as where there are no devices
	CHECK(device_read(file, "devices/x", &bytes) == -ENOTDIR);
	close(file);
	bytes_free(&bytes);
}

void test_devices(void)
{
	int root = open_sys();
	a_walk_is_well_formed(root);
	nothing_is_found_where_no_device_is(root);
	a_bad_root_is_an_error();
	close(root);
}
