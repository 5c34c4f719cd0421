#include "../core/directory.h"
#include "exports.h"
#include "values.h"

// watchDirectory(directory): an inotify fd
static napi_value watch_directory(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, directory_watch(get_int(env, arguments.values[0])));
}

// connectSocketFile(file): fd
static napi_value connect_socket_file(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, socket_file_connect(get_int(env, arguments.values[0])));
}

// lockFile(file): 0
static napi_value lock_file(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, file_lock(get_int(env, arguments.values[0])));
}

void export_directory(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "watchDirectory", watch_directory },
		{ "connectSocketFile", connect_socket_file },
		{ "lockFile", lock_file },
	};
	EXPORT_METHODS(env, exports, methods);
}
