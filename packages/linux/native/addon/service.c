#include <errno.h>

#include "../core/service.h"
#include "exports.h"
#include "values.h"

#define PATH_SIZE 256

// sayToService(path, text, fds): 0
static napi_value say_to_service(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char path[PATH_SIZE];
	size_t length, fds_size;
	get_latin1(env, arguments.values[0], path, sizeof path);
	const uint8_t *text = get_bytes(env, arguments.values[1], &length);
	const int *fds = (const int *)get_bytes(env, arguments.values[2], &fds_size);
	return make_int(env, service_say(path, text, length, fds, (uint32_t)(fds_size / sizeof *fds)));
}

// checkSource(fd): 0
static napi_value check_source(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, service_check_source(get_int(env, arguments.values[0])));
}

void export_service(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "sayToService", say_to_service },
		{ "checkSource", check_source },
	};
	EXPORT_METHODS(env, exports, methods);
}
