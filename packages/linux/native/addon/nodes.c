#include "../core/nodes.h"

#include <limits.h>

#include "exports.h"
#include "values.h"

// mountNodes(directory, name, readOnly): 0
static napi_value mount_nodes(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const napi_value *values = arguments.values;
	char name[NAME_MAX + 1];
	return make_int(env, nodes_mount(get_int(env, values[0]), get_latin1(env, values[1], name, sizeof name), get_int(env, values[2])));
}

// openNodes(directory, name): descriptor
static napi_value open_nodes(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char name[NAME_MAX + 1];
	return make_int(env, nodes_open(get_int(env, arguments.values[0]), get_latin1(env, arguments.values[1], name, sizeof name)));
}

// unmountNodes(directory, name): 0
static napi_value unmount_nodes(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char name[NAME_MAX + 1];
	return make_int(env, nodes_unmount(get_int(env, arguments.values[0]), get_latin1(env, arguments.values[1], name, sizeof name)));
}

// makeNode(directory, name, mode, major, minor): 0
static napi_value make_node(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const napi_value *values = arguments.values;
	char name[NAME_MAX + 1];
	return make_int(env, nodes_make(get_int(env, values[0]), get_latin1(env, values[1], name, sizeof name),
					(uint32_t)get_int(env, values[2]), (uint32_t)get_int(env, values[3]),
					(uint32_t)get_int(env, values[4])));
}

void export_nodes(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "mountNodes", mount_nodes },
		{ "openNodes", open_nodes },
		{ "unmountNodes", unmount_nodes },
		{ "makeNode", make_node },
	};
	EXPORT_METHODS(env, exports, methods);
}
