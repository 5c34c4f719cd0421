#include "../core/hand.h"

#include "../core/sys.h"
#include "exports.h"
#include "values.h"

// startHand(): a socket
static napi_value start_hand(napi_env env, napi_callback_info info)
{
	(void)info;
	return make_int(env, hand_start());
}

// askHand(hand, directory, other, order, answer, ms): 0, a descriptor or -errno
static napi_value ask_hand(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	const napi_value *values = arguments.values;
	size_t order_size, answer_size;
	const uint8_t *order = get_bytes(env, values[3], &order_size);
	uint8_t *answer = get_bytes(env, values[4], &answer_size);
	const struct hand_order *given = (const struct hand_order *)order;
	if (answer_size != sizeof(struct hand_answer) || !hand_order_is_whole(given, order_size))
		return make_int(env, -EINVAL);
	return make_int(env, hand_ask(get_int(env, values[0]), get_int(env, values[1]), get_int(env, values[2]), given,
				      get_int(env, values[5]), (struct hand_answer *)answer));
}

// awaitHand(hand, answer, ms): as askHand
static napi_value await_hand(napi_env env, napi_callback_info info)
{
	struct arguments arguments = get_arguments(env, info);
	size_t size;
	uint8_t *answer = get_bytes(env, arguments.values[1], &size);
	if (size != sizeof(struct hand_answer))
		return make_int(env, -EINVAL);
	return make_int(env, hand_await(get_int(env, arguments.values[0]), get_int(env, arguments.values[2]),
					(struct hand_answer *)answer));
}

void export_hand(napi_env env, napi_value exports)
{
	const struct method methods[] = {
		{ "startHand", start_hand },
		{ "askHand", ask_hand },
		{ "awaitHand", await_hand },
	};
	EXPORT_METHODS(env, exports, methods);
}
