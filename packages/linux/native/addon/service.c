#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

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

// openMemory(size): fd
static napi_value open_memory(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, service_open_memory((size_t)get_int(env, arguments.values[0])));
}

static void unmap(napi_env env, void *data, void *size)
{
	(void)env;
	munmap(data, (size_t)(uintptr_t)size);
}

// mapMemory(fd, size): an ArrayBuffer, unmapped when it is not used any more, or -errno
static napi_value map_memory(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t size = (size_t)get_int(env, arguments.values[1]);
	void *memory;
	int error = service_map_memory(get_int(env, arguments.values[0]), size, &memory);
	if (error)
		return make_int(env, error);
	napi_value buffer;
	if (napi_create_external_arraybuffer(env, memory, size, unmap, (void *)(uintptr_t)size, &buffer) == napi_ok)
		return buffer;
	munmap(memory, size);
	return make_int(env, -ENOMEM);
}

void export_service(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "sayToService", say_to_service },
		{ "checkSource", check_source },
		{ "openMemory", open_memory },
		{ "mapMemory", map_memory },
	};
	EXPORT_METHODS(env, exports, methods);
}
