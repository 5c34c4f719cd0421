#include "service.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "sys.h"
#include "uevent_socket.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define FDS_MAX 8
#define KERNEL_GROUP 1

static int address_of(const char *path, struct sockaddr_un *address, socklen_t *size)
{
	size_t length = strlen(path);
	if ((path[0] != '/' && path[0] != '@') || length < 2 || length >= sizeof address->sun_path)
		return -EINVAL;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, path, length);
	if (path[0] == '@')
		address->sun_path[0] = '\0';
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '/'));
	return 0;
}

static int send_with(int socket, struct msghdr *header, const int *fds, uint32_t count)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = { 0 };
	if (count > 0) {
		header->msg_control = &control;
		header->msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *item = CMSG_FIRSTHDR(header);
		*item = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(count * sizeof(int)) };
		memcpy(CMSG_DATA(item), fds, count * sizeof(int));
	}
	int sent = sys_result(sendmsg(socket, header, MSG_DONTWAIT | MSG_NOSIGNAL));
	return sent < 0 ? sent : 0;
}

int service_say(const char *path, const void *text, size_t length, const int *fds, uint32_t count)
{
	struct sockaddr_un address;
	socklen_t size = 0;
	int error = count > FDS_MAX ? -EINVAL : address_of(path, &address, &size);
	if (error)
		return error;
	int self = sys_result(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (self < 0)
		return self;
	struct iovec bytes = { .iov_base = (void *)text, .iov_len = length };
	struct msghdr header = { .msg_name = &address, .msg_namelen = size, .msg_iov = &bytes, .msg_iovlen = 1 };
	error = send_with(self, &header, fds, count);
	close(self);
	return error;
}

static int has_option(int fd, int option, int wanted)
{
	int value = 0;
	socklen_t length = sizeof value;
	int error = sys_result(getsockopt(fd, SOL_SOCKET, option, &value, &length));
	return error ? error : value == wanted ? 0 : -EPROTOTYPE;
}

static int cookie_of(int fd, uint64_t *cookie)
{
	socklen_t length = sizeof *cookie;
	return sys_result(getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &length));
}

static int is_of_own_netns(int fd)
{
	int other = uevent_socket_open(0, 0);
	uint64_t cookie = 0, own = 0;
	int error = other < 0 ? other : cookie_of(other, &own);
	if (other >= 0)
		close(other);
	if (error == 0)
		error = cookie_of(fd, &cookie);
	return error ? error : cookie == own ? 0 : -EXDEV;
}

// Bound to the group of the kernel and to no other, and connected to the kernel: nobody else's unicast is in it.
static int hears_the_kernel(int fd)
{
	struct sockaddr_nl self = { 0 }, peer = { 0 };
	socklen_t length = sizeof self, peer_length = sizeof peer;
	int error = sys_result(getsockname(fd, (struct sockaddr *)&self, &length));
	if (error == 0)
		error = sys_result(getpeername(fd, (struct sockaddr *)&peer, &peer_length));
	if (error)
		return error;
	return self.nl_groups == KERNEL_GROUP && peer.nl_pid == 0 ? 0 : -EPROTOTYPE;
}

int service_check_source(int fd)
{
	const struct {
		int option;
		int value;
	} wanted[] = { { SO_DOMAIN, AF_NETLINK }, { SO_PROTOCOL, NETLINK_KOBJECT_UEVENT }, { SO_PASSCRED, 1 } };
	int error = sys_result(fcntl(fd, F_SETFD, FD_CLOEXEC));
	for (size_t i = 0; error == 0 && i < sizeof wanted / sizeof *wanted; i++)
		error = has_option(fd, wanted[i].option, wanted[i].value);
	if (error == 0)
		error = hears_the_kernel(fd);
	if (error == 0)
		error = is_of_own_netns(fd);
	return error ? error : sys_result(fcntl(fd, F_SETFL, O_NONBLOCK));
}

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

int service_open_memory(size_t size)
{
	int fd = sys_result(memfd_create("uevent-bridge", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	if (fd < 0)
		return fd;
	int error = sys_result(ftruncate(fd, (off_t)size));
	if (error == 0)
		error = sys_result(fcntl(fd, F_ADD_SEALS, SEALS));
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

// A file that somebody could make shorter would end whoever looks into it.
int service_map_memory(int fd, size_t size, void **memory)
{
	struct stat file;
	int seals = sys_result(fcntl(fd, F_GET_SEALS));
	int error = seals < 0 ? seals : sys_result(fstat(fd, &file));
	if (error == 0 && ((seals & SEALS) != SEALS || file.st_size != (off_t)size))
		error = -EPROTOTYPE;
	if (error == 0)
		error = sys_result(fcntl(fd, F_SETFD, FD_CLOEXEC));
	if (error)
		return error;
	*memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	return *memory == MAP_FAILED ? -errno : 0;
}
