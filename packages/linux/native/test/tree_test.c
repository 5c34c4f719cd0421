#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/nodes.h"
#include "../core/tree.h"
#include "check.h"

static int is_there(int directory, const char *path)
{
	return faccessat(directory, path, F_OK, 0) == 0;
}

static void make(int directory, const char *path)
{
	CHECK(mkdirat(directory, path, 0755) == 0);
}

static void place(int directory, const char *source, enum tree_access access, const char *path)
{
	int tree = tree_clone(directory, source, access);
	CHECK(tree >= 0 && tree_place(tree, directory, path) == 0);
	close(tree);
}

static void a_copy_can_be_written_if_it_is_to_be(int directory)
{
	place(directory, "source", TREE_READ_ONLY, "copy");
	CHECK(mkdirat(directory, "copy/new", 0755) < 0 && errno == EROFS);
	CHECK(tree_unmount(directory, "copy") == 0 && tree_unmount(directory, "copy") == -EINVAL);
	place(directory, "source", TREE_WRITABLE, "copy");
	make(directory, "copy/new");
	CHECK(is_there(directory, "source/new") && tree_unmount(directory, "copy") == 0);
}

static void what_is_mounted_in_a_shared_one_appears_in_its_copy(int directory)
{
	place(directory, "copy", TREE_AS_IT_IS, "other");
	place(directory, "source", TREE_READ_ONLY, "copy/inner");
	CHECK(is_there(directory, "other/inner/new"));
	CHECK(tree_unmount(directory, "copy/inner") == 0 && !is_there(directory, "other/inner/new"));
	CHECK(tree_share(directory, "copy", 0) == 0);
	place(directory, "source", TREE_READ_ONLY, "copy/inner");
	CHECK(!is_there(directory, "other/inner/new"));
	CHECK(tree_unmount(directory, "other") == 0);
}

static void a_copy_as_it_is_has_what_is_mounted_in_it(int directory)
{
	place(directory, "copy", TREE_AS_IT_IS, "other");
	CHECK(tree_unmount(directory, "copy/inner") == 0 && is_there(directory, "other/inner/new"));
	CHECK(tree_unmount(directory, "other") == 0);
}

static void nothing_is_followed_and_nothing_is_above(int directory)
{
	CHECK(symlinkat("source", directory, "link") == 0);
	CHECK(tree_clone(directory, "link", TREE_READ_ONLY) == -ELOOP && tree_unmount(directory, "link") == -ELOOP);
	CHECK(tree_clone(directory, "..", TREE_READ_ONLY) == -EXDEV && tree_share(directory, "..", 1) == -EXDEV);
	CHECK(tree_clone(directory, "nowhere", TREE_WRITABLE) == -ENOENT && tree_place(directory, directory, "no") == -ENOENT);
	CHECK(tree_open(directory, "link") == -ELOOP && tree_open(directory, "..") == -EXDEV);
	CHECK(tree_clone(-1, "source", TREE_READ_ONLY) == -EBADF && tree_place(-1, directory, "source") == -EBADF);
}

void test_tree(void)
{
	char path[] = "/tmp/uevent-bridge-tree-XXXXXX";
	if (geteuid() != 0) {
		printf("skipped: mounting needs root\n");
		return;
	}
	CHECK(mkdtemp(path) != NULL);
	int above = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	make(above, "fs");
	CHECK(nodes_mount(above, "fs", 0) == 0 && tree_share(above, "fs", 0) == 0 && tree_share(above, "fs", 1) == 0);
	int directory = openat(above, "fs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *directories[] = { "source", "copy", "other", "source/inner" };
	for (int i = 0; i < 4; i++)
		make(directory, directories[i]);
	a_copy_can_be_written_if_it_is_to_be(directory);
	place(directory, "source", TREE_WRITABLE, "copy");
	what_is_mounted_in_a_shared_one_appears_in_its_copy(directory);
	a_copy_as_it_is_has_what_is_mounted_in_it(directory);
	nothing_is_followed_and_nothing_is_above(directory);
	close(directory);
	CHECK(tree_unmount(above, "fs") == 0 && unlinkat(above, "fs", AT_REMOVEDIR) == 0);
	close(above);
	CHECK(rmdir(path) == 0);
}
