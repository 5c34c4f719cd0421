#include "outlet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "worker.h"

struct outlet *outlet_open(const char *path)
{
	struct outlet *outlet = calloc(1, sizeof *outlet);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	outlet->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (outlet->fd < 0 || connect(outlet->fd, (struct sockaddr *)&address, sizeof address) < 0)
		fail(path);
	return outlet;
}

static uint32_t write_number(uint8_t *out, uint64_t number)
{
	uint8_t digits[20];
	uint32_t count = 0;
	do
		digits[count++] = (uint8_t)('0' + number % 10);
	while (number /= 10);
	for (uint32_t i = 0; i < count; i++)
		out[i] = digits[count - 1 - i];
	out[count] = '\0';
	return count + 1;
}

// Returns false if the listener's queue is full.
static int try_send(int fd, const uint8_t *bytes, uint32_t length)
{
	if (send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 1;
	if (errno != EAGAIN)
		fail("send");
	return 0;
}

static void wait_in_line(struct outlet *outlet, const uint8_t *bytes, uint32_t length)
{
	struct waiting *last = &outlet->queue[(outlet->first + outlet->count++) % QUEUE_LIMIT];
	*last = (struct waiting){ malloc(length), length };
	memcpy(last->bytes, bytes, length);
}

void outlet_tell(struct outlet *outlet, uint8_t *bytes, uint32_t number_start)
{
	uint32_t length = number_start + write_number(bytes + number_start, ++outlet->number);
	if (outlet->count == 0 && try_send(outlet->fd, bytes, length))
		return;
	if (outlet->count < QUEUE_LIMIT) // what is lost shows in the step of the numbers
		wait_in_line(outlet, bytes, length);
}

void outlet_flush(struct outlet *outlet)
{
	while (outlet->count > 0) {
		struct waiting *next = &outlet->queue[outlet->first];
		if (!try_send(outlet->fd, next->bytes, next->length))
			return;
		free(next->bytes);
		outlet->first = (outlet->first + 1) % QUEUE_LIMIT;
		outlet->count--;
	}
}
