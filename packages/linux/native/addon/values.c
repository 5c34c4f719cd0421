#include "values.h"

struct arguments get_arguments(napi_env env, napi_callback_info info)
{
	struct arguments arguments = { 0 };
	size_t count = ARGUMENTS_MAX;
	napi_get_cb_info(env, info, &count, arguments.values, &arguments.self, NULL);
	return arguments;
}

int32_t get_int(napi_env env, napi_value value)
{
	int32_t result = -1;
	napi_get_value_int32(env, value, &result);
	return result;
}

uint8_t *get_bytes(napi_env env, napi_value value, size_t *size)
{
	void *data = NULL;
	*size = 0;
	napi_get_typedarray_info(env, value, NULL, size, &data, NULL, NULL);
	return data;
}

const char *get_latin1(napi_env env, napi_value value, char *buffer, size_t size)
{
	buffer[0] = '\0';
	napi_get_value_string_latin1(env, value, buffer, size, NULL);
	return buffer;
}

napi_value make_int(napi_env env, int32_t value)
{
	napi_value result = NULL;
	napi_create_int32(env, value, &result);
	return result;
}

napi_value make_buffer(napi_env env, const void *data, size_t size)
{
	napi_value result = NULL;
	napi_create_buffer_copy(env, size, data, NULL, &result);
	return result;
}

void export_methods(napi_env env, napi_value exports, const struct method *methods, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		napi_value function;
		napi_create_function(env, methods[i].name, NAPI_AUTO_LENGTH, methods[i].call, NULL, &function);
		napi_set_named_property(env, exports, methods[i].name, function);
	}
}
