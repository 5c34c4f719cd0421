#include "../core/bpf.h"

#include <string.h>

#include "exports.h"
#include "values.h"

#define INSTRUCTIONS_SIZE 32768 // bytes: 4096 instructions

// createBpfMap(name, keySize, valueSize, entries): fd
static napi_value create_map(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const napi_value *values = arguments.values;
	char name[BPF_NAME_SIZE];
	return make_int(env, bpf_create_map(get_latin1(env, values[0], name, sizeof name), (uint32_t)get_int(env, values[1]),
					    (uint32_t)get_int(env, values[2]), (uint32_t)get_int(env, values[3])));
}

// putBpf(map, key, value): 0
static napi_value put(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t size;
	const uint8_t *key = get_bytes(env, arguments.values[1], &size);
	return make_int(env, bpf_put(get_int(env, arguments.values[0]), key, get_bytes(env, arguments.values[2], &size)));
}

// removeBpf(map, key): 0
static napi_value take(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t size;
	return make_int(env, bpf_remove(get_int(env, arguments.values[0]), get_bytes(env, arguments.values[1], &size)));
}

// getBpf(map, key, value): 0
static napi_value get(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t size;
	const uint8_t *key = get_bytes(env, arguments.values[1], &size);
	return make_int(env, bpf_get(get_int(env, arguments.values[0]), key, get_bytes(env, arguments.values[2], &size)));
}

// nextBpfKey(map, key or null, next): 0
static napi_value next_key(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t size;
	const uint8_t *key = get_bytes(env, arguments.values[1], &size);
	return make_int(env, bpf_next_key(get_int(env, arguments.values[0]), key, get_bytes(env, arguments.values[2], &size)));
}

// loadDeviceProgram(name, instructions): fd
static napi_value load(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	char name[BPF_NAME_SIZE];
	size_t size;
	const uint8_t *instructions = get_bytes(env, arguments.values[1], &size);
	get_latin1(env, arguments.values[0], name, sizeof name);
	return make_int(env, bpf_load_device_program(name, instructions, size));
}

// queryDevicePrograms(cgroup): [flags, id …]
static napi_value query(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	uint32_t ids[BPF_ATTACHED_MAX], flags = 0;
	int count = bpf_query_device_programs(get_int(env, arguments.values[0]), ids, &flags);
	if (count < 0)
		return make_int(env, count);
	napi_value array;
	napi_create_array(env, &array);
	napi_set_element(env, array, 0, make_int(env, (int32_t)flags));
	for (int i = 0; i < count; i++)
		napi_set_element(env, array, (uint32_t)i + 1, make_int(env, (int32_t)ids[i]));
	return array;
}

// attachDeviceProgram(cgroup, program, replaced or -1): 0
static napi_value attach(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const napi_value *values = arguments.values;
	return make_int(env, bpf_attach_device_program(get_int(env, values[0]), get_int(env, values[1]), get_int(env, values[2])));
}

// detachDeviceProgram(cgroup, program): 0
static napi_value detach(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, bpf_detach_device_program(get_int(env, arguments.values[0]), get_int(env, arguments.values[1])));
}

// openBpfProgram(id): fd
static napi_value open_program(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, bpf_open_program((uint32_t)get_int(env, arguments.values[0])));
}

// openBpfMap(id): fd
static napi_value open_map(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, bpf_open_map((uint32_t)get_int(env, arguments.values[0])));
}

static napi_value make_name(napi_env env, const struct bpf_program *program)
{
	napi_value name;
	napi_create_string_latin1(env, program->name, strnlen(program->name, BPF_NAME_SIZE), &name);
	return name;
}

// readBpfProgram(fd): [id, name, instructions, count of maps, id of the first one]
static napi_value read_program(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct bpf_program program = { 0 };
	uint8_t instructions[INSTRUCTIONS_SIZE];
	int error = bpf_read_program(get_int(env, arguments.values[0]), &program, instructions, sizeof instructions);
	if (error)
		return make_int(env, error);
	napi_value array;
	napi_create_array(env, &array);
	napi_set_element(env, array, 0, make_int(env, (int32_t)program.id));
	napi_set_element(env, array, 1, make_name(env, &program));
	napi_set_element(env, array, 2, make_buffer(env, instructions, program.size));
	napi_set_element(env, array, 3, make_int(env, (int32_t)program.map_count));
	napi_set_element(env, array, 4, make_int(env, (int32_t)program.maps[0]));
	return array;
}

void export_bpf(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "createBpfMap", create_map },
		{ "putBpf", put },
		{ "removeBpf", take },
		{ "getBpf", get },
		{ "nextBpfKey", next_key },
		{ "loadDeviceProgram", load },
		{ "queryDevicePrograms", query },
		{ "attachDeviceProgram", attach },
		{ "detachDeviceProgram", detach },
		{ "openBpfProgram", open_program },
		{ "openBpfMap", open_map },
		{ "readBpfProgram", read_program },
	};
	EXPORT_METHODS(env, exports, methods);
}
