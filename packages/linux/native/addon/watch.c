// `new Watch(fd, callback)`: calls back on the event loop when the descriptor is ready.
#include <stdlib.h>
#include <uv.h>

#include "exports.h"
#include "values.h"

struct watch {
	uv_poll_t poll;
	int events; // that were last asked for
	napi_env env;
	napi_ref callback;
	napi_async_context context;
	napi_async_cleanup_hook_handle cleanup;
	int owners; // the JavaScript object and, until it is closed, the uv handle
};

static void disown(struct watch *watch)
{
	if (--watch->owners == 0)
		free(watch);
}

static void on_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	napi_delete_reference(watch->env, watch->callback);
	napi_async_destroy(watch->env, watch->context); // not earlier: it may be closed from within its own callback
	napi_remove_async_cleanup_hook(watch->cleanup);
	disown(watch);
}

static void close_watch(struct watch *watch)
{
	if (!uv_is_closing((uv_handle_t *)&watch->poll))
		uv_close((uv_handle_t *)&watch->poll, on_closed);
}

// A worker thread that ends must leave no open handle in its loop.
static void on_cleanup(napi_async_cleanup_hook_handle handle, void *data)
{
	(void)handle;
	close_watch(data);
}

static void on_collected(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	struct watch *watch = data;
	close_watch(watch);
	disown(watch);
}

static void rethrow(napi_env env)
{
	napi_value error;
	if (napi_get_and_clear_last_exception(env, &error) == napi_ok)
		napi_fatal_exception(env, error);
}

static void call_back(napi_env env, struct watch *watch)
{
	napi_value callback, global;
	napi_get_reference_value(env, watch->callback, &callback);
	napi_get_global(env, &global);
	if (napi_make_callback(env, watch->context, global, callback, 0, NULL, NULL) == napi_pending_exception)
		rethrow(env);
}

// An error of the descriptor is said by whatever is tried on it next. libuv has stopped watching then, but an overrun is
// such an error and not the end of a socket.
static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)events;
	struct watch *watch = poll->data;
	napi_env env = watch->env;
	if (status < 0)
		uv_poll_start(poll, watch->events, on_ready);
	napi_handle_scope scope;
	napi_open_handle_scope(env, &scope);
	call_back(env, watch);
	napi_close_handle_scope(env, scope);
}

static struct watch *self_of(napi_env env, struct arguments arguments)
{
	void *watch = NULL;
	napi_unwrap(env, arguments.self, &watch);
	return watch;
}

static int start_handle(napi_env env, struct watch *watch, int fd)
{
	uv_loop_t *loop = NULL;
	napi_get_uv_event_loop(env, &loop);
	watch->poll.data = watch;
	return uv_poll_init(loop, &watch->poll, fd);
}

static void bind_callback(napi_env env, struct watch *watch, struct arguments arguments)
{
	napi_value name;
	napi_create_string_utf8(env, "uevent-bridge", NAPI_AUTO_LENGTH, &name);
	napi_create_reference(env, arguments.values[1], 1, &watch->callback);
	napi_async_init(env, arguments.self, name, &watch->context);
	napi_add_async_cleanup_hook(env, on_cleanup, watch, &watch->cleanup);
	napi_wrap(env, arguments.self, watch, on_collected, NULL, NULL);
}

static napi_value construct(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct watch *watch = calloc(1, sizeof *watch);
	int error = watch == NULL ? UV_ENOMEM : start_handle(env, watch, get_int(env, arguments.values[0]));
	if (error < 0) {
		free(watch);
		napi_throw_error(env, uv_err_name(error), "a descriptor cannot be watched");
		return NULL;
	}
	watch->env = env;
	watch->owners = 2;
	bind_callback(env, watch, arguments);
	return arguments.self;
}

// libuv aborts the process where a closed handle is used.
static int is_closed(const struct watch *watch)
{
	return uv_is_closing((const uv_handle_t *)&watch->poll);
}

static napi_value watch_start(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct watch *watch = self_of(env, arguments);
	watch->events = get_int(env, arguments.values[0]);
	return make_int(env, is_closed(watch) ? UV_EBADF : uv_poll_start(&watch->poll, watch->events, on_ready));
}

static napi_value watch_stop(napi_env env, napi_callback_info info)
{
	struct watch *watch = self_of(env, get_arguments(env, info));
	return make_int(env, is_closed(watch) ? UV_EBADF : uv_poll_stop(&watch->poll));
}

static napi_value watch_ref(napi_env env, napi_callback_info info)
{
	uv_ref((uv_handle_t *)&self_of(env, get_arguments(env, info))->poll);
	return NULL;
}

static napi_value watch_unref(napi_env env, napi_callback_info info)
{
	uv_unref((uv_handle_t *)&self_of(env, get_arguments(env, info))->poll);
	return NULL;
}

static napi_value watch_close(napi_env env, napi_callback_info info)
{
	close_watch(self_of(env, get_arguments(env, info)));
	return NULL;
}

void export_watch(napi_env env, napi_value exports)
{
	const napi_property_descriptor methods[] = {
		{ .utf8name = "start", .method = watch_start }, { .utf8name = "stop", .method = watch_stop },
		{ .utf8name = "ref", .method = watch_ref },     { .utf8name = "unref", .method = watch_unref },
		{ .utf8name = "close", .method = watch_close },
	};
	napi_value constructor;
	napi_define_class(env, "Watch", NAPI_AUTO_LENGTH, construct, NULL, 5, methods, &constructor);
	napi_set_named_property(env, exports, "Watch", constructor);
}
