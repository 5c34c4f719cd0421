#ifndef UB_EXPORTS_H
#define UB_EXPORTS_H

#include <node_api.h>

void export_watch(napi_env env, napi_value exports);
void export_sockets(napi_env env, napi_value exports);
void export_directory(napi_env env, napi_value exports);
void export_devices(napi_env env, napi_value exports);
void export_walk(napi_env env, napi_value exports);
void export_namespaces(napi_env env, napi_value exports);
void export_bpf(napi_env env, napi_value exports);
void export_nodes(napi_env env, napi_value exports);
void export_hand(napi_env env, napi_value exports);
void export_ledgers(napi_env env, napi_value exports);
void export_holders(napi_env env, napi_value exports);
void export_service(napi_env env, napi_value exports);
void export_trees(napi_env env, napi_value exports);
void export_testing(napi_env env, napi_value exports);

#endif
