#include <limits.h>

#include "../core/tree.h"
#include "exports.h"
#include "values.h"

// openTree(directory, path): descriptor
static napi_value open_tree_place(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char path[PATH_MAX];
	return make_int(env, tree_open(get_int(env, arguments.values[0]),
				       get_latin1(env, arguments.values[1], path, sizeof path)));
}

// cloneTree(directory, path, access): descriptor
static napi_value clone_tree(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const napi_value *values = arguments.values;
	char path[PATH_MAX];
	return make_int(env, tree_clone(get_int(env, values[0]), get_latin1(env, values[1], path, sizeof path),
					(enum tree_access)get_int(env, values[2])));
}

// placeTree(tree, directory, path): 0
static napi_value place_tree(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const napi_value *values = arguments.values;
	char path[PATH_MAX];
	return make_int(env, tree_place(get_int(env, values[0]), get_int(env, values[1]),
					get_latin1(env, values[2], path, sizeof path)));
}

// shareTree(directory, path, shared): 0
static napi_value share_tree(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const napi_value *values = arguments.values;
	char path[PATH_MAX];
	return make_int(env, tree_share(get_int(env, values[0]), get_latin1(env, values[1], path, sizeof path),
					get_int(env, values[2])));
}

// unmountTree(directory, path): 0
static napi_value unmount_tree(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char path[PATH_MAX];
	return make_int(env, tree_unmount(get_int(env, arguments.values[0]),
					  get_latin1(env, arguments.values[1], path, sizeof path)));
}

void export_trees(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "openTree", open_tree_place },
		{ "cloneTree", clone_tree },
		{ "placeTree", place_tree },
		{ "shareTree", share_tree },
		{ "unmountTree", unmount_tree },
	};
	EXPORT_METHODS(env, exports, methods);
}
