#ifndef UB_BPF_H
#define UB_BPF_H

#include <stddef.h>
#include <stdint.h>

#define BPF_NAME_SIZE 16
#define BPF_MAPS_MAX 4
#define BPF_ATTACHED_MAX 64 // as many as the kernel takes for one cgroup

/** A loaded program, as the kernel describes it. */
struct bpf_program {
	uint32_t id;
	char name[BPF_NAME_SIZE];
	uint32_t map_count;
	uint32_t maps[BPF_MAPS_MAX]; // their ids; more are counted only
	uint32_t size;		     // bytes of instructions that were read; 0 where the kernel hides them
};

// Each returns a descriptor, a count or 0, or -errno. Descriptors are close-on-exec.

/** A hash map. Its entries take memory only while they are there. */
int bpf_create_map(const char *name, uint32_t key_size, uint32_t value_size, uint32_t entries);
int bpf_put(int map, const void *key, const void *value);
int bpf_remove(int map, const void *key);
int bpf_get(int map, const void *key, void *value);
/** The key behind `key`, the first one for NULL. -ENOENT behind the last. */
int bpf_next_key(int map, const void *key, void *next);

/** A program for the opening and making of device nodes. `instructions`: `struct bpf_insn` each. */
int bpf_load_device_program(const char *name, const void *instructions, size_t size);
/** The programs that are attached to a cgroup itself: their ids, and the flags with which they are. Returns how many. */
int bpf_query_device_programs(int cgroup, uint32_t ids[BPF_ATTACHED_MAX], uint32_t *flags);
/** Beside the others, or in the place of one of them if `replaced` is not negative. */
int bpf_attach_device_program(int cgroup, int program, int replaced);
int bpf_detach_device_program(int cgroup, int program);

int bpf_open_program(uint32_t id);
int bpf_open_map(uint32_t id);
int bpf_read_program(int program, struct bpf_program *read, void *instructions, size_t size);

#endif
