// Between JavaScript's values and C's. The callers are our own TypeScript, which has checked them.
#ifndef UB_VALUES_H
#define UB_VALUES_H

#include <node_api.h>
#include <stddef.h>
#include <stdint.h>

#define ARGUMENTS_MAX 8

struct arguments {
	napi_value values[ARGUMENTS_MAX];
	napi_value self;
};

struct arguments get_arguments(napi_env env, napi_callback_info info);
int32_t get_int(napi_env env, napi_value value);

/** A typed array's memory; size 0 if it has been transferred away. */
uint8_t *get_bytes(napi_env env, napi_value value, size_t *size);

/** One byte for each character: how a devpath keeps every byte. Cut at `size`. */
const char *get_latin1(napi_env env, napi_value value, char *buffer, size_t size);
napi_value make_int(napi_env env, int32_t value);
napi_value make_buffer(napi_env env, const void *data, size_t size);

struct method {
	const char *name;
	napi_callback call;
};

void export_methods(napi_env env, napi_value exports, const struct method *methods, size_t count);

#define EXPORT_METHODS(env, exports, methods) \
	export_methods(env, exports, methods, sizeof(methods) / sizeof(methods)[0])

#endif
