#include "../core/holders.h"

#include "../core/mark.h"
#include "../core/namespace.h"
#include "exports.h"
#include "values.h"

#define NAME_SIZE 64 // bytes of a mark's name

// startSearching(pids, devices, ms): a pipe
static napi_value start_searching(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t pid_count, number_count;
	const void *pids = get_bytes(env, arguments.values[0], &pid_count);
	const void *devices = get_bytes(env, arguments.values[1], &number_count);
	size_t device_count = number_count * sizeof(uint32_t) / sizeof(struct held_device);
	return make_int(env, holders_start(pids, pid_count, devices, device_count, get_int(env, arguments.values[2])));
}

// signalProcess(pidfd, signal): 0
static napi_value signal_process(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, process_signal(get_int(env, arguments.values[0]), get_int(env, arguments.values[1])));
}

// namespaceParent(fd): the fd of a namespace
static napi_value get_parent(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, namespace_parent(get_int(env, arguments.values[0])));
}

static napi_value with_mark(napi_env env, napi_callback_info info, int (*call)(int, const char *))
{
	struct arguments arguments = get_arguments(env, info);
	char name[NAME_SIZE];
	get_latin1(env, arguments.values[1], name, sizeof name);
	return make_int(env, call(get_int(env, arguments.values[0]), name));
}

// putMark(file, name): 0
static napi_value put_mark(napi_env env, napi_callback_info info)
{
	return with_mark(env, info, mark_put);
}

// hasMark(file, name): 0 or 1
static napi_value has_mark(napi_env env, napi_callback_info info)
{
	return with_mark(env, info, mark_is_there);
}

// removeMark(file, name): 0
static napi_value remove_mark(napi_env env, napi_callback_info info)
{
	return with_mark(env, info, mark_remove);
}

void export_holders(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "startSearching", start_searching },
		{ "signalProcess", signal_process },
		{ "namespaceParent", get_parent },
		{ "putMark", put_mark },
		{ "hasMark", has_mark },
		{ "removeMark", remove_mark },
	};
	EXPORT_METHODS(env, exports, methods);
}
