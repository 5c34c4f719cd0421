#include <limits.h>
#include <stdio.h>

#include "../core/attribute.h"
#include "../core/device.h"
#include "exports.h"
#include "values.h"

// readDevice(root, path): packed bytes, or -errno
static napi_value read_device(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct bytes bytes = { 0 };
	char path[PATH_MAX];
	int root = get_int(env, arguments.values[0]);
	int error = device_read(root, get_latin1(env, arguments.values[1], path, sizeof path), &bytes);
	napi_value result = error ? make_int(env, error) : make_buffer(env, bytes.data, bytes.length);
	bytes_free(&bytes);
	return result;
}

// deviceInode(root, path): decimal digits, or -errno
static napi_value read_inode(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char path[PATH_MAX], digits[24];
	uint64_t inode;
	napi_value result;
	int error = device_inode(get_int(env, arguments.values[0]),
				 get_latin1(env, arguments.values[1], path, sizeof path), &inode);
	if (error)
		return make_int(env, error);
	int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)inode);
	napi_create_string_latin1(env, digits, (size_t)length, &result);
	return result;
}

// startAttribute(root, path): a pipe
static napi_value start_attribute(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char path[PATH_MAX];
	int root = get_int(env, arguments.values[0]);
	return make_int(env, attribute_start(root, get_latin1(env, arguments.values[1], path, sizeof path)));
}

void export_devices(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "readDevice", read_device },
		{ "deviceInode", read_inode },
		{ "startAttribute", start_attribute },
	};
	EXPORT_METHODS(env, exports, methods);
	export_walk(env, exports);
}
