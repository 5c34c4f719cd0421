// hold DIRECTORY…: reads each into memory of which a page never comes, as a file system of its own gives it: the directory stays
// locked until its stdin ends. Needs no privilege. Says "held" for each.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096
#define PLACE "/tmp"
#define ANSWER_MAX 512

static int device;

static void fail(const char *what)
{
	perror(what);
	_exit(1);
}

static void answer(uint64_t unique, int error, const void *body, size_t length)
{
	char bytes[sizeof(struct fuse_out_header) + ANSWER_MAX];
	struct fuse_out_header header = { .len = (uint32_t)(sizeof header + length), .error = error, .unique = unique };
	memcpy(bytes, &header, sizeof header);
	if (length > 0)
		memcpy(bytes + sizeof header, body, length);
	if (write(device, bytes, header.len) < 0)
		fail("answer");
}

// A root directory in which each name is a file of one page.
static struct fuse_attr attributes_of(uint64_t inode)
{
	return (struct fuse_attr){
		.ino = inode, .size = PAGE, .mode = inode == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0666, .nlink = 1
	};
}

static void serve(const struct fuse_in_header *request, uint64_t *inodes)
{
	struct fuse_init_out begun = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = PAGE };
	struct fuse_attr_out attributes = { .attr_valid = 1000, .attr = attributes_of(request->nodeid) };
	struct fuse_open_out opened = { 0 };
	struct fuse_entry_out entry = { .entry_valid = 1000, .attr_valid = 1000 };
	switch (request->opcode) {
	case FUSE_INIT:
		return answer(request->unique, 0, &begun, sizeof begun);
	case FUSE_GETATTR:
		return answer(request->unique, 0, &attributes, sizeof attributes);
	case FUSE_LOOKUP:
		entry.nodeid = ++*inodes;
		entry.attr = attributes_of(entry.nodeid);
		return answer(request->unique, 0, &entry, sizeof entry);
	case FUSE_OPEN:
		return answer(request->unique, 0, &opened, sizeof opened);
	case FUSE_READ: // is never answered
		puts("held");
		return;
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
		return;
	default:
		return answer(request->unique, -ENOSYS, NULL, 0);
	}
}

static void *serve_all(void *context)
{
	_Alignas(struct fuse_in_header) static char bytes[1 << 18];
	uint64_t inodes = FUSE_ROOT_ID;
	while (read(device, bytes, sizeof bytes) > 0)
		serve((const struct fuse_in_header *)bytes, &inodes);
	return context;
}

static void write_to(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, text, strlen(text)) < 0)
		fail(path);
	close(file);
}

static void become_root_of_own(void)
{
	char user[64], group[64];
	snprintf(user, sizeof user, "0 %u 1", getuid());
	snprintf(group, sizeof group, "0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		fail("unshare");
	write_to("/proc/self/setgroups", "deny");
	write_to("/proc/self/uid_map", user);
	write_to("/proc/self/gid_map", group);
}

static void mount_own(void)
{
	char options[128];
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
	if (device < 0 || mount("hold", PLACE, "fuse", 0, options) < 0)
		fail("mount");
}

static void *hold(void *path)
{
	char name[64];
	snprintf(name, sizeof name, PLACE "/%lx", (unsigned long)pthread_self());
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int file = open(name, O_RDWR | O_CLOEXEC);
	void *page = directory < 0 || file < 0 ? MAP_FAILED : mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (page == MAP_FAILED || unshare(CLONE_FILES) < 0)
		fail(path);
	close(dup(file)); // the kernel learns that it need not say this: who is killed would wait for an answer
	close(device); // so that nothing is held up any more once all are killed: no signal ends who waits for the page
	syscall(SYS_getdents64, directory, page, PAGE);
	return NULL;
}

int main(int count, char **paths)
{
	pthread_t thread;
	setvbuf(stdout, NULL, _IOLBF, 0);
	become_root_of_own();
	mount_own();
	pthread_create(&thread, NULL, serve_all, NULL);
	for (int i = 1; i < count; i++)
		pthread_create(&thread, NULL, hold, paths[i]);
	char byte;
	while (read(0, &byte, 1) > 0)
		;
	umount2(PLACE, MNT_FORCE); // no signal would end who waits for the page: nobody may be killed before
	return 0;
}
