#include "ledger.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#define MAGIC 0x6c646775u // `ugdl`
#define FILLED_UP(length) (((uint64_t)(length) + 7) & ~UINT64_C(7))

_Static_assert(sizeof(struct mmsghdr) == 64 && offsetof(struct mmsghdr, msg_len) == 56, "src/ledger.ts reads it");
_Static_assert(sizeof(struct ledger_mark) == 32 && sizeof(struct ledger_mark) % 8 == 0 && sizeof(struct mmsghdr) % 8 == 0, "blocks begin at multiples of 8");

static struct ledger_header *header_of(const struct ledger *ledger)
{
	return (struct ledger_header *)ledger->bytes;
}

int ledger_map(int file, uint32_t size, struct ledger *ledger)
{
	if (size < sizeof(struct ledger_header) || size % 8 != 0)
		return -EINVAL;
	void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	*ledger = (struct ledger){ .bytes = bytes, .size = size };
	return 0;
}

void ledger_unmap(struct ledger *ledger)
{
	if (ledger->bytes)
		munmap(ledger->bytes, ledger->size);
	*ledger = (struct ledger){ 0 };
}

void ledger_begin(struct ledger *ledger, uint32_t generation)
{
	struct ledger_header *header = header_of(ledger);
	header->end = sizeof *header;
	header->magic = MAGIC;
	atomic_signal_fence(memory_order_seq_cst); // it is of the next generation once nothing of the last one is in it
	header->generation = generation;
	atomic_signal_fence(memory_order_seq_cst);
}

// Whoever has the file could have written anything into it.
static int is_usable(const struct ledger *ledger)
{
	const struct ledger_header *header = header_of(ledger);
	return header->generation != LEDGER_SPOILT && header->end >= sizeof *header && header->end <= ledger->size && header->end % 8 == 0;
}

uint32_t ledger_room(const struct ledger *ledger)
{
	return is_usable(ledger) ? ledger->size - header_of(ledger)->end : 0;
}

// Where what follows the block's first words goes; NULL if there is no room. It counts when `end` is behind it.
static uint8_t *add_block(struct ledger *ledger, enum ledger_kind kind, uint64_t length)
{
	if (sizeof(struct ledger_block) + FILLED_UP(length) > ledger_room(ledger)) {
		header_of(ledger)->generation = LEDGER_SPOILT;
		return NULL;
	}
	uint8_t *start = ledger->bytes + header_of(ledger)->end;
	*(struct ledger_block *)start = (struct ledger_block){ .kind = kind, .length = (uint32_t)length };
	return start + sizeof(struct ledger_block);
}

static void end_block(struct ledger *ledger, const uint8_t *content, uint64_t length)
{
	atomic_signal_fence(memory_order_seq_cst); // who is killed here has written all of it, or nothing
	header_of(ledger)->end = (uint32_t)(content - ledger->bytes + (ptrdiff_t)FILLED_UP(length));
	atomic_signal_fence(memory_order_seq_cst);
}

int ledger_write(struct ledger *ledger, const void *bytes, uint32_t length)
{
	uint8_t *content = add_block(ledger, LEDGER_RECORD, length);
	if (!content)
		return -ENOSPC;
	memcpy(content, bytes, length);
	end_block(ledger, content, length);
	return 0;
}

struct mmsghdr *ledger_send(struct ledger *ledger, const struct ledger_mark *marks, uint32_t count)
{
	uint64_t marks_size = (uint64_t)count * sizeof *marks, headers_size = (uint64_t)count * sizeof(struct mmsghdr);
	uint8_t *content = add_block(ledger, LEDGER_SENT, marks_size + headers_size);
	if (!content)
		return NULL;
	memcpy(content, marks, marks_size);
	memset(content + marks_size, 0, headers_size);
	end_block(ledger, content, marks_size + headers_size);
	return (struct mmsghdr *)(content + marks_size);
}
