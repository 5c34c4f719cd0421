#include <sys/socket.h>

#include "../core/directory.h"
#include "exports.h"
#include "values.h"

// openInotify(): fd
static napi_value open_inotify(napi_env env, napi_callback_info info)
{
	(void)info;
	return make_int(env, inotify_open());
}

// watchOnce(inotify, directory): the watch's number
static napi_value watch_once(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, inotify_watch_once(get_int(env, arguments.values[0]), get_int(env, arguments.values[1])));
}

// forgetWatch(inotify, watch): 0
static napi_value forget_watch(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, inotify_forget(get_int(env, arguments.values[0]), get_int(env, arguments.values[1])));
}

// connectSocketFile(file): fd
static napi_value connect_socket_file(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, socket_file_connect(get_int(env, arguments.values[0]), SOCK_DGRAM));
}

// connectStream(file): fd
static napi_value connect_stream(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, socket_file_connect(get_int(env, arguments.values[0]), SOCK_STREAM));
}

// socketPeer(fd): pid
static napi_value get_peer(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, socket_peer(get_int(env, arguments.values[0])));
}

// socketHasEnded(fd): 0 or 1
static napi_value socket_ended(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, socket_has_ended(get_int(env, arguments.values[0])));
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
		{ "openInotify", open_inotify },
		{ "watchOnce", watch_once },
		{ "forgetWatch", forget_watch },
		{ "connectSocketFile", connect_socket_file },
		{ "connectStream", connect_stream },
		{ "socketPeer", get_peer },
		{ "socketHasEnded", socket_ended },
		{ "lockFile", lock_file },
	};
	EXPORT_METHODS(env, exports, methods);
}
