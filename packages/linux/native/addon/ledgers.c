#include "ledgers.h"

#include <errno.h>
#include <stdlib.h>

#include "exports.h"
#include "values.h"

struct ledgers *get_ledgers(napi_env env)
{
	void *ledgers = NULL;
	napi_get_instance_data(env, &ledgers);
	return ledgers;
}

static struct ledger *get_ledger(napi_env env, napi_value number)
{
	struct ledgers *ledgers = get_ledgers(env);
	uint32_t index = (uint32_t)get_int(env, number);
	return index < ledgers->count && ledgers->all[index].bytes ? &ledgers->all[index] : NULL;
}

// The number of one that is not in use, or -ENOMEM.
static int find_place(struct ledgers *ledgers)
{
	for (uint32_t i = 0; i < ledgers->count; i++)
		if (!ledgers->all[i].bytes)
			return (int)i;
	uint32_t count = ledgers->count == 0 ? 8 : 2 * ledgers->count;
	struct ledger *all = realloc(ledgers->all, count * sizeof *all);
	if (!all)
		return -ENOMEM;
	for (uint32_t i = ledgers->count; i < count; i++)
		all[i] = (struct ledger){ 0 };
	int place = (int)ledgers->count;
	*ledgers = (struct ledgers){ .all = all, .count = count };
	return place;
}

// mapLedger(file, size): its number
static napi_value map_ledger(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct ledgers *ledgers = get_ledgers(env);
	int place = find_place(ledgers);
	if (place < 0)
		return make_int(env, place);
	int file = get_int(env, arguments.values[0]);
	uint32_t size = (uint32_t)get_int(env, arguments.values[1]);
	int result = ledger_map(file, size, &ledgers->all[place]);
	return make_int(env, result < 0 ? result : place);
}

// unmapLedger(number): 0
static napi_value unmap_ledger(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct ledger *ledger = get_ledger(env, arguments.values[0]);
	if (ledger)
		ledger_unmap(ledger);
	return make_int(env, 0);
}

// beginLedger(number, generation): 0
static napi_value begin_ledger(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct ledger *ledger = get_ledger(env, arguments.values[0]);
	if (!ledger)
		return make_int(env, -EBADF);
	ledger_begin(ledger, (uint32_t)get_int(env, arguments.values[1]));
	return make_int(env, 0);
}

// writeLedger(number, record): 0
static napi_value write_ledger(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	struct ledger *ledger = get_ledger(env, arguments.values[0]);
	size_t size;
	const uint8_t *record = get_bytes(env, arguments.values[1], &size);
	if (!ledger || size > UINT32_MAX)
		return make_int(env, ledger ? -EINVAL : -EBADF);
	return make_int(env, ledger_write(ledger, record, (uint32_t)size));
}

// ledgerRoom(number): bytes
static napi_value get_room(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const struct ledger *ledger = get_ledger(env, arguments.values[0]);
	return make_int(env, ledger ? (int32_t)ledger_room(ledger) : -EBADF);
}

static void free_ledgers(napi_env env, void *data, void *hint)
{
	(void)env, (void)hint;
	struct ledgers *ledgers = data;
	for (uint32_t i = 0; i < ledgers->count; i++)
		ledger_unmap(&ledgers->all[i]);
	free(ledgers->all);
	free(ledgers);
}

void export_ledgers(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "mapLedger", map_ledger },
		{ "unmapLedger", unmap_ledger },
		{ "beginLedger", begin_ledger },
		{ "writeLedger", write_ledger },
		{ "ledgerRoom", get_room },
	};
	struct ledgers *ledgers = calloc(1, sizeof *ledgers);
	if (!ledgers || napi_set_instance_data(env, ledgers, free_ledgers, NULL) != napi_ok)
		napi_throw_error(env, NULL, "no memory for the ledgers");
	EXPORT_METHODS(env, exports, methods);
}
