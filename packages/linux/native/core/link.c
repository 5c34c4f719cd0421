#include "link.h"

#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "sys.h"

struct request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	char room[256];
};

struct answer {
	struct nlmsghdr header;
	struct nlmsgerr body;
};

static struct request new_request(uint16_t type, uint16_t flags)
{
	return (struct request){
		.header = {
			.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
		},
		.link = { .ifi_family = AF_UNSPEC },
	};
}

static struct rtattr *put(struct request *request, uint16_t type, const void *data, size_t length)
{
	struct rtattr *attribute = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));
	attribute->rta_type = type;
	attribute->rta_len = (uint16_t)RTA_LENGTH(length);
	if (length > 0)
		memcpy(RTA_DATA(attribute), data, length);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
	return attribute;
}

static void put_name(struct request *request, const char *name)
{
	put(request, IFLA_IFNAME, name, strnlen(name, IFNAMSIZ - 1) + 1);
}

static void end_nest(const struct request *request, struct rtattr *nest)
{
	nest->rta_len = (uint16_t)((const char *)request + request->header.nlmsg_len - (char *)nest);
}

static int exchange(int fd, struct request *request)
{
	struct answer answer;
	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -errno;
	ssize_t length = recv(fd, &answer, sizeof answer, 0);
	if (length < 0)
		return -errno;
	return answer.header.nlmsg_type == NLMSG_ERROR ? answer.body.error : -EPROTO;
}

static int ask(struct request *request)
{
	int fd = sys_result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
	if (fd < 0)
		return fd;
	int error = exchange(fd, request);
	close(fd);
	return error;
}

int link_create_veth(const char *name, const char *peer)
{
	const struct ifinfomsg unspecified = { .ifi_family = AF_UNSPEC };
	struct request request = new_request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	put_name(&request, name);
	struct rtattr *info = put(&request, IFLA_LINKINFO, NULL, 0);
	put(&request, IFLA_INFO_KIND, "veth", sizeof "veth");
	struct rtattr *data = put(&request, IFLA_INFO_DATA, NULL, 0);
	struct rtattr *other = put(&request, VETH_INFO_PEER, &unspecified, sizeof unspecified);
	put_name(&request, peer);
	end_nest(&request, other);
	end_nest(&request, data);
	end_nest(&request, info);
	return ask(&request);
}

int link_rename(const char *name, const char *new_name)
{
	struct request request = new_request(RTM_NEWLINK, 0);
	request.link.ifi_index = (int)if_nametoindex(name);
	if (request.link.ifi_index == 0)
		return -errno;
	put_name(&request, new_name);
	return ask(&request);
}

int link_delete(const char *name)
{
	struct request request = new_request(RTM_DELLINK, 0);
	put_name(&request, name);
	return ask(&request);
}
