// walkDevices(root): a promise of packed bytes, or of -errno. Runs on libuv's thread pool.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../core/device.h"
#include "../core/sys.h"
#include "exports.h"
#include "values.h"

struct walk_work {
	napi_async_work work;
	napi_deferred deferred;
	int root;
	int error;
	struct bytes bytes;
};

static void execute(napi_env env, void *data)
{
	(void)env;
	struct walk_work *self = data;
	self->error = self->root < 0 ? self->root : device_walk(self->root, &self->bytes);
}

static void complete(napi_env env, napi_status status, void *data)
{
	struct walk_work *self = data;
	int error = status == napi_ok ? self->error : -ECANCELED;
	napi_resolve_deferred(env, self->deferred,
			      error ? make_int(env, error) : make_buffer(env, self->bytes.data, self->bytes.length));
	napi_delete_async_work(env, self->work);
	bytes_free(&self->bytes);
	if (self->root >= 0)
		close(self->root);
	free(self);
}

// The root is a copy: the tree may be closed while the walk goes on.
static void start(napi_env env, struct walk_work *self, int root)
{
	napi_value name;
	self->root = sys_result(fcntl(root, F_DUPFD_CLOEXEC, 0));
	napi_create_string_utf8(env, "uevent-bridge:walk", NAPI_AUTO_LENGTH, &name);
	napi_create_async_work(env, NULL, name, execute, complete, self, &self->work);
	napi_queue_async_work(env, self->work);
}

static napi_value walk_devices(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct walk_work *self = calloc(1, sizeof *self);
	napi_value promise = NULL;
	if (self == NULL)
		return make_int(env, -ENOMEM);
	napi_create_promise(env, &self->deferred, &promise);
	start(env, self, get_int(env, arguments.values[0]));
	return promise;
}

void export_walk(napi_env env, napi_value exports)
{
	const struct method methods[] = { { "walkDevices", walk_devices } };
	EXPORT_METHODS(env, exports, methods);
}
