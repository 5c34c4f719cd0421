#include <errno.h>

#include "../core/outgoing.h"
#include "../core/receive.h"
#include "../core/uevent_socket.h"
#include "exports.h"
#include "ledgers.h"
#include "values.h"

// openUeventSocket(groups, receiveBuffer): fd
static napi_value open_uevent_socket(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	uint32_t groups = (uint32_t)get_int(env, arguments.values[0]);
	return make_int(env, uevent_socket_open(groups, get_int(env, arguments.values[1])));
}

// receiveBuffer(fd): bytes
static napi_value receive_buffer(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	return make_int(env, socket_receive_buffer(get_int(env, arguments.values[0])));
}

// receiveHeadersSize(): bytes
static napi_value headers_size(napi_env env, napi_callback_info info)
{
	(void)info;
	return make_int(env, (int32_t)receive_headers_size());
}

// receive(fd, slab, received, headers): 0
static napi_value receive(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t slab_size, received_size;
	uint8_t *slab = get_bytes(env, arguments.values[1], &slab_size);
	void *received = get_bytes(env, arguments.values[2], &received_size);
	size_t headers_size;
	void *headers = get_bytes(env, arguments.values[3], &headers_size);
	if (slab_size < RECEIVE_BATCH || received_size != sizeof(struct received) || headers_size != receive_headers_size())
		return make_int(env, -EINVAL);
	return make_int(env, receive_batch(get_int(env, arguments.values[0]), headers, slab, slab_size, received));
}

// receiveLeft(slab, received, headers): 0
static napi_value left(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t slab_size, received_size, headers_size;
	get_bytes(env, arguments.values[0], &slab_size);
	void *received = get_bytes(env, arguments.values[1], &received_size);
	void *headers = get_bytes(env, arguments.values[2], &headers_size);
	if (received_size != sizeof(struct received) || headers_size != receive_headers_size())
		return make_int(env, -EINVAL);
	receive_left(headers, slab_size, received);
	return make_int(env, 0);
}

// send(arena, table, count): how many failed
static napi_value send_table(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct arena arena;
	size_t table_size;
	arena.bytes = get_bytes(env, arguments.values[0], &arena.size);
	void *table = get_bytes(env, arguments.values[1], &table_size);
	uint32_t count = (uint32_t)get_int(env, arguments.values[2]);
	if (count > table_size / sizeof(struct outgoing))
		return make_int(env, -EINVAL);
	return make_int(env, send_all(arena, *get_ledgers(env), table, count));
}

void export_sockets(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "openUeventSocket", open_uevent_socket },
		{ "receiveBuffer", receive_buffer },
		{ "receive", receive },
		{ "receiveHeadersSize", headers_size },
		{ "receiveLeft", left },
		{ "send", send_table },
	};
	EXPORT_METHODS(env, exports, methods);
}
