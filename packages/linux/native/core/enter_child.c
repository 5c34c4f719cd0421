#include <sched.h>
#include <string.h>
#include <sys/socket.h>

#include "child.h"
#include "enter.h"
#include "sys.h"

union fd_control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int) * ENTERED_MAX)];
};

struct report {
	int error;
	int count;
};

static int count_fds(const struct entered *opened)
{
	int count = 0;
	while (count < ENTERED_MAX && opened->fds[count] >= 0)
		count++;
	return count;
}

static void send_report(int channel, int error, const struct entered *opened)
{
	struct report report = { .error = error, .count = error ? 0 : count_fds(opened) };
	union fd_control control = { 0 };
	size_t size = sizeof(int) * (size_t)report.count;
	struct iovec body = { .iov_base = &report, .iov_len = sizeof report };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1 };
	if (report.count > 0) {
		control.header = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS
		};
		memcpy(CMSG_DATA(&control.header), opened->fds, size);
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(size);
	}
	sendmsg(channel, &message, MSG_NOSIGNAL);
}

static int receive_report(int channel, struct entered *opened)
{
	struct report report = { 0 };
	union fd_control control;
	struct iovec body = { .iov_base = &report, .iov_len = sizeof report };
	struct msghdr message = {
		.msg_iov = &body, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	int length = child_receive(channel, &message);
	if (length != sizeof report)
		return length < 0 ? length : -ECHILD;
	struct cmsghdr *item = CMSG_FIRSTHDR(&message);
	if (item != NULL)
		memcpy(opened->fds, CMSG_DATA(item), sizeof(int) * (size_t)report.count);
	return report.error;
}

static void run_child(int channel, int userns, int netns, entered_opener open, const void *argument)
{
	struct entered opened = { { -1, -1 } };
	int error = sys_result(setns(userns, CLONE_NEWUSER));
	if (error == 0)
		error = sys_result(setns(netns, CLONE_NEWNET));
	if (error == 0)
		error = open(argument, &opened);
	send_report(channel, error, &opened);
}

int enter_by_child(int userns, int netns, entered_opener open, const void *argument, struct entered *opened)
{
	int pair[2];
	*opened = (struct entered){ { -1, -1 } };
	int error = child_channel(pair);
	if (error < 0)
		return error;
	int child = child_fork();
	if (child == 0) {
		run_child(pair[1], userns, netns, open, argument);
		_exit(0);
	}
	close(pair[1]);
	error = child < 0 ? child : receive_report(pair[0], opened);
	close(pair[0]);
	if (child > 0)
		child_end(child);
	return error;
}
