#include <limits.h>
#include <sys/socket.h>

#include "../core/child.h"
#include "../core/detached.h"
#include "../core/enter.h"
#include "../core/glance.h"
#include "../core/namespace.h"
#include "../core/openers.h"
#include "../core/peek.h"
#include "../core/place.h"
#include "../core/survey.h"
#include "../core/sys.h"
#include "exports.h"
#include "values.h"

// openProcess(pid): a pidfd
static napi_value open_process(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, process_open(get_int(env, arguments.values[0])));
}

// processHasEnded(pidfd): 0 or 1
static napi_value has_ended(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, process_has_ended(get_int(env, arguments.values[0])));
}

// worksApart(pid): 0 or 1
static napi_value works_apart(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, detached_has(get_int(env, arguments.values[0])));
}

// namespaceType(fd): CLONE_NEW*
static napi_value get_type(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, namespace_type(get_int(env, arguments.values[0])));
}

// namespaceOwner(fd): the fd of a user namespace
static napi_value get_owner(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, namespace_owner(get_int(env, arguments.values[0])));
}

// namespaceOwnerUid(fd): who made a user namespace, or -errno
static napi_value get_owner_uid(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	napi_value uid;
	napi_create_int64(env, namespace_owner_uid(get_int(env, arguments.values[0])), &uid);
	return uid;
}

// mountNamespaceId(fd): 0n if the kernel gives none
static napi_value get_mount_id(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	napi_value id;
	napi_create_bigint_uint64(env, namespace_mount_id(get_int(env, arguments.values[0])), &id);
	return id;
}

// mountNamespaceExists(id): 0, 1 or -errno
static napi_value mount_exists(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	uint64_t id = 0;
	bool whole;
	napi_get_value_bigint_uint64(env, arguments.values[0], &id, &whole);
	return make_int(env, namespace_mount_exists(id));
}

static napi_value make_ints(napi_env env, const int *values, uint32_t count)
{
	napi_value array;
	napi_create_array(env, &array);
	for (uint32_t i = 0; i < count; i++)
		napi_set_element(env, array, i, make_int(env, values[i]));
	return array;
}

// openChannel(): [fd, fd], both ends of a connection, or -errno
static napi_value open_channel(napi_env env, napi_callback_info info)
{
	(void)info;
	int pair[2];
	int error = sys_result(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	return error < 0 ? make_int(env, error) : make_ints(env, pair, 2);
}

// holdUserns(userns): [pid, leash], or -errno
static napi_value hold_userns(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	int leash;
	int pid = child_in_userns(get_int(env, arguments.values[0]), &leash);
	return pid < 0 ? make_int(env, pid) : make_ints(env, (int[]){ pid, leash }, 2);
}

// releaseUserns(pid, leash)
static napi_value release_userns(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	child_release(get_int(env, arguments.values[0]), get_int(env, arguments.values[1]));
	return NULL;
}

// Through a thread if `userns` is negative, else through a child that enters it first.
static napi_value enter(napi_env env, struct arguments arguments, entered_opener open, const void *request)
{
	struct entered opened;
	int netns = get_int(env, arguments.values[0]);
	int userns = get_int(env, arguments.values[1]);
	int error = userns < 0 ? enter_by_thread(netns, open, request, &opened)
			       : enter_by_child(userns, netns, open, request, &opened);
	return error ? make_int(env, error) : make_ints(env, opened.fds, ENTERED_MAX);
}

// enterListener(netns, userns, groups, receiveBuffer): [fd, -1], or -errno
static napi_value enter_listener(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct listen_request request = {
		.groups = (uint32_t)get_int(env, arguments.values[2]),
		.receive_buffer = get_int(env, arguments.values[3]),
	};
	return enter(env, arguments, open_uevent_listener, &request);
}

// enterInjector(netns, userns, group): [fd, list of sockets], or -errno
static napi_value enter_injector(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	uint32_t group = (uint32_t)get_int(env, arguments.values[2]);
	return enter(env, arguments, open_uevent_injector, &group);
}

// enterSysfs(netns, userns): [mount, -1], or -errno
static napi_value enter_sysfs(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	int by_child = get_int(env, arguments.values[1]) >= 0;
	return enter(env, arguments, by_child ? open_sysfs_apart : open_sysfs, NULL);
}

// enterCgroups(cgroupns): a file, or -errno
static napi_value get_cgroups(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, enter_cgroups(get_int(env, arguments.values[0])));
}

static const char *const place_names[] = { [PLACE_UDEV] = "udev", [PLACE_DEV] = "dev", [PLACE_SYS] = "sys" };

// startPlacing(what, mntns, root, source, uid, gid, mountpoints, task): a pipe
static napi_value start_placing(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const napi_value *values = arguments.values;
	enum place_what what = (enum place_what)get_int(env, values[0]);
	struct placement placement = {
		.mntns = get_int(env, values[1]),
		.root = get_int(env, values[2]),
		.source = get_int(env, values[3]),
		.parent = what == PLACE_UDEV ? "/run" : "/",
		.name = place_names[what],
		.uid = (uint32_t)get_int(env, values[4]),
		.gid = (uint32_t)get_int(env, values[5]),
		.what = what,
	};
	placement.mountpoints = (const char *)get_bytes(env, values[6], &placement.length);
	return make_int(env, place_start(&placement, (enum place_task)get_int(env, values[7])));
}

// startGlancing(root, paths): a pipe
static napi_value start_glancing(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t length;
	const uint8_t *paths = get_bytes(env, arguments.values[1], &length);
	return make_int(env, glance_start(get_int(env, arguments.values[0]), (const char *)paths, length));
}

// startSurveying(root, path): a pipe
static napi_value start_surveying(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char path[PATH_MAX];
	const char *given = get_latin1(env, arguments.values[1], path, sizeof path);
	return make_int(env, survey_start(get_int(env, arguments.values[0]), given));
}

// peekSocket(pidfd, fd): [receive buffer, instructions of its filter], or -errno
static napi_value peek_socket(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct peeked peeked;
	int error = socket_peek(get_int(env, arguments.values[0]), get_int(env, arguments.values[1]), &peeked);
	const int values[] = { peeked.receive_buffer, peeked.filter };
	return error ? make_int(env, error) : make_ints(env, values, 2);
}

void export_namespaces(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "openProcess", open_process },
		{ "processHasEnded", has_ended },
		{ "worksApart", works_apart },
		{ "namespaceType", get_type },
		{ "namespaceOwner", get_owner },
		{ "namespaceOwnerUid", get_owner_uid },
		{ "openChannel", open_channel },
		{ "holdUserns", hold_userns },
		{ "releaseUserns", release_userns },
		{ "enterListener", enter_listener },
		{ "enterInjector", enter_injector },
		{ "enterSysfs", enter_sysfs },
		{ "enterCgroups", get_cgroups },
		{ "mountNamespaceId", get_mount_id },
		{ "mountNamespaceExists", mount_exists },
		{ "startPlacing", start_placing },
		{ "startGlancing", start_glancing },
		{ "startSurveying", start_surveying },
		{ "peekSocket", peek_socket },
	};
	EXPORT_METHODS(env, exports, methods);
}
