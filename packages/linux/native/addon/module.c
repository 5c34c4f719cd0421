#include <node_api.h>

#include "exports.h"

NAPI_MODULE_INIT()
{
	export_watch(env, exports);
	export_sockets(env, exports);
	export_directory(env, exports);
	export_devices(env, exports);
	export_namespaces(env, exports);
	export_bpf(env, exports);
	export_nodes(env, exports);
	export_hand(env, exports);
	export_ledgers(env, exports);
	export_holders(env, exports);
	export_service(env, exports);
	export_trees(env, exports);
	export_testing(env, exports);
	return exports;
}
