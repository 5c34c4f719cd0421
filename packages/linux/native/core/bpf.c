#include "bpf.h"

#include <linux/bpf.h>
#include <string.h>

#include "sys.h"

#define LOADS_MAX 5 // times that a program is given to the kernel

static int call(int command, union bpf_attr *attributes)
{
	return sys_result(syscall(SYS_bpf, command, attributes, sizeof *attributes));
}

static uint64_t address_of(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

// The kernel takes a name that fills the field only with its NUL.
static void set_name(char *to, const char *name)
{
	strncpy(to, name, BPF_NAME_SIZE - 1);
}

int bpf_create_map(const char *name, uint32_t key_size, uint32_t value_size, uint32_t entries)
{
	union bpf_attr attributes;
	memset(&attributes, 0, sizeof attributes);
	attributes.map_type = BPF_MAP_TYPE_HASH;
	attributes.key_size = key_size;
	attributes.value_size = value_size;
	attributes.max_entries = entries;
	attributes.map_flags = BPF_F_NO_PREALLOC;
	set_name(attributes.map_name, name);
	return call(BPF_MAP_CREATE, &attributes);
}

static int on_element(int command, int map, const void *key, const void *value)
{
	union bpf_attr attributes;
	memset(&attributes, 0, sizeof attributes);
	attributes.map_fd = (uint32_t)map;
	attributes.key = address_of(key);
	attributes.value = address_of(value);
	return call(command, &attributes);
}

int bpf_put(int map, const void *key, const void *value)
{
	return on_element(BPF_MAP_UPDATE_ELEM, map, key, value);
}

int bpf_remove(int map, const void *key)
{
	return on_element(BPF_MAP_DELETE_ELEM, map, key, NULL);
}

int bpf_get(int map, const void *key, void *value)
{
	return on_element(BPF_MAP_LOOKUP_ELEM, map, key, value);
}

int bpf_next_key(int map, const void *key, void *next)
{
	return on_element(BPF_MAP_GET_NEXT_KEY, map, key, next);
}

int bpf_load_device_program(const char *name, const void *instructions, size_t size)
{
	union bpf_attr attributes;
	memset(&attributes, 0, sizeof attributes);
	attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attributes.insns = address_of(instructions);
	attributes.insn_cnt = (uint32_t)(size / sizeof(struct bpf_insn));
	attributes.license = address_of("MIT");
	set_name(attributes.prog_name, name);
	int program, tries = 0;
	do
		program = call(BPF_PROG_LOAD, &attributes);
	while (program == -EAGAIN && ++tries < LOADS_MAX); // a signal came while the kernel looked through it
	return program;
}

int bpf_query_device_programs(int cgroup, uint32_t ids[BPF_ATTACHED_MAX], uint32_t *flags)
{
	union bpf_attr attributes;
	memset(&attributes, 0, sizeof attributes);
	attributes.query.target_fd = (uint32_t)cgroup;
	attributes.query.attach_type = BPF_CGROUP_DEVICE;
	attributes.query.prog_ids = address_of(ids);
	attributes.query.prog_cnt = BPF_ATTACHED_MAX;
	int error = call(BPF_PROG_QUERY, &attributes);
	*flags = attributes.query.attach_flags;
	return error ? error : (int)attributes.query.prog_cnt;
}

int bpf_attach_device_program(int cgroup, int program, int replaced)
{
	union bpf_attr attributes;
	memset(&attributes, 0, sizeof attributes);
	attributes.target_fd = (uint32_t)cgroup;
	attributes.attach_bpf_fd = (uint32_t)program;
	attributes.attach_type = BPF_CGROUP_DEVICE;
	attributes.attach_flags = BPF_F_ALLOW_MULTI;
	if (replaced >= 0) {
		attributes.attach_flags |= BPF_F_REPLACE;
		attributes.replace_bpf_fd = (uint32_t)replaced;
	}
	return call(BPF_PROG_ATTACH, &attributes);
}

int bpf_detach_device_program(int cgroup, int program)
{
	union bpf_attr attributes;
	memset(&attributes, 0, sizeof attributes);
	attributes.target_fd = (uint32_t)cgroup;
	attributes.attach_bpf_fd = (uint32_t)program;
	attributes.attach_type = BPF_CGROUP_DEVICE;
	return call(BPF_PROG_DETACH, &attributes);
}

static int open_by_id(int command, uint32_t id)
{
	union bpf_attr attributes;
	memset(&attributes, 0, sizeof attributes);
	attributes.prog_id = id; // the same place as map_id
	return call(command, &attributes);
}

int bpf_open_program(uint32_t id)
{
	return open_by_id(BPF_PROG_GET_FD_BY_ID, id);
}

int bpf_open_map(uint32_t id)
{
	return open_by_id(BPF_MAP_GET_FD_BY_ID, id);
}

int bpf_read_program(int program, struct bpf_program *read, void *instructions, size_t size)
{
	union bpf_attr attributes;
	struct bpf_prog_info info;
	memset(&info, 0, sizeof info);
	info.xlated_prog_insns = address_of(instructions);
	info.xlated_prog_len = (uint32_t)size;
	info.map_ids = address_of(read->maps);
	info.nr_map_ids = BPF_MAPS_MAX;
	memset(&attributes, 0, sizeof attributes);
	attributes.info.bpf_fd = (uint32_t)program;
	attributes.info.info = address_of(&info);
	attributes.info.info_len = sizeof info;
	int error = call(BPF_OBJ_GET_INFO_BY_FD, &attributes);
	read->id = info.id;
	memcpy(read->name, info.name, BPF_NAME_SIZE);
	read->map_count = info.nr_map_ids;
	read->size = info.xlated_prog_insns ? info.xlated_prog_len : 0; // the kernel clears the pointer where it hides them
	if (error == 0 && info.xlated_prog_len > size)
		return -E2BIG;
	return error;
}
