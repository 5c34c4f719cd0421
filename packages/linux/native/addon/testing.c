#include <limits.h>

#include "../core/link.h"
#include "../core/testing.h"
#include "exports.h"
#include "values.h"

static const char *get_path(napi_env env, napi_value value, char *buffer, size_t size)
{
	buffer[0] = '\0';
	napi_get_value_string_utf8(env, value, buffer, size, NULL);
	return buffer;
}

// bindDatagram(path): fd
static napi_value bind_datagram(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char path[PATH_MAX];
	return make_int(env, datagram_bind(get_path(env, arguments.values[0], path, sizeof path)));
}

// receiveOne(fd): bytes, or -errno
static napi_value receive_one(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char buffer[65536];
	int length = datagram_receive(get_int(env, arguments.values[0]), buffer, sizeof buffer);
	return length < 0 ? make_int(env, length) : make_buffer(env, buffer, (size_t)length);
}

// forgeUevent(bytes): 0
static napi_value forge_uevent(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t size;
	const uint8_t *bytes = get_bytes(env, arguments.values[0], &size);
	return make_int(env, uevent_forge(bytes, size));
}

// leaseFile(fd): 0
static napi_value lease_file(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, file_lease(get_int(env, arguments.values[0])));
}

// mapFile(fd): 0
static napi_value map_file(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, file_map(get_int(env, arguments.values[0])));
}

// loopControl(command, number): number
static napi_value control_loop(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	unsigned long command = (unsigned long)get_int(env, arguments.values[0]);
	return make_int(env, loop_control(command, get_int(env, arguments.values[1])));
}

static napi_value with_two_names(napi_env env, napi_callback_info info, int (*change)(const char *, const char *))
{
	struct arguments arguments = get_arguments(env, info);
	char first[64], second[64];
	get_path(env, arguments.values[0], first, sizeof first);
	get_path(env, arguments.values[1], second, sizeof second);
	return make_int(env, change(first, second));
}

// createVeth(name, peer): 0
static napi_value create_veth(napi_env env, napi_callback_info info)
{
	return with_two_names(env, info, link_create_veth);
}

// renameLink(name, newName): 0
static napi_value rename_link(napi_env env, napi_callback_info info)
{
	return with_two_names(env, info, link_rename);
}

// deleteLink(name): 0
static napi_value delete_link(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char name[64];
	return make_int(env, link_delete(get_path(env, arguments.values[0], name, sizeof name)));
}

void export_testing(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "bindDatagram", bind_datagram }, { "receiveOne", receive_one }, { "forgeUevent", forge_uevent },
		{ "leaseFile", lease_file },       { "loopControl", control_loop }, { "createVeth", create_veth },
		{ "renameLink", rename_link },     { "deleteLink", delete_link },   { "mapFile", map_file },
	};
	EXPORT_METHODS(env, exports, methods);
}
