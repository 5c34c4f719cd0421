#ifndef UB_LEDGERS_H
#define UB_LEDGERS_H

#include <node_api.h>

#include "../core/outgoing.h"

/** The ledgers of this environment: a worker thread has its own. */
struct ledgers *get_ledgers(napi_env env);

#endif
