#include "table.h"

#define FREE 0
#define TAKEN (-1)

struct slot {
	_Atomic int key; // FREE, TAKEN while it is written, or the descriptor + 1
	_Atomic uint32_t groups, port;
	int owner;
	struct socket socket;
};

static struct slot slots[SLOTS];
static _Atomic int used; // slots that were ever used: those behind need no look

static uint64_t inode_of(int fd)
{
	struct stat found;
	return SYS(fstat, fd, &found) == 0 && S_ISSOCK(found.st_mode) ? found.st_ino : 0;
}

static void raise_used(int count)
{
	int seen = atomic_load(&used);
	while (seen < count && !atomic_compare_exchange_weak(&used, &seen, count))
		;
}

int table_add(int fd, const struct socket *socket)
{
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = &slots[i];
		int expected = FREE;
		if (!atomic_compare_exchange_strong(&slot->key, &expected, TAKEN))
			continue;
		slot->socket = *socket;
		slot->owner = (int)SYS(getpid);
		atomic_store(&slot->groups, socket->groups);
		atomic_store(&slot->port, socket->port);
		raise_used(i + 1);
		atomic_store(&slot->key, fd + 1);
		return 1;
	}
	return 0;
}

static void release(struct slot *slot, int fd)
{
	int expected = fd + 1;
	if (slot->owner == (int)SYS(getpid)) // a child of vfork() has the memory of its parent, and descriptors of its own
		atomic_compare_exchange_strong(&slot->key, &expected, FREE);
}

static struct slot *slot_of(int fd, struct socket *socket)
{
	int count = atomic_load_explicit(&used, memory_order_acquire);
	uint64_t inode = 0;
	for (struct slot *slot = slots; fd >= 0 && slot < slots + count; slot++) {
		if (atomic_load_explicit(&slot->key, memory_order_acquire) != fd + 1)
			continue;
		*socket = slot->socket;
		socket->groups = atomic_load(&slot->groups);
		socket->port = atomic_load(&slot->port);
		if (inode == 0)
			inode = inode_of(fd);
		if (inode == socket->inode && atomic_load(&slot->key) == fd + 1) // it was not written meanwhile
			return slot;
		release(slot, fd); // it was closed past us
	}
	return NULL;
}

int table_find(int fd, struct socket *socket)
{
	return slot_of(fd, socket) != NULL;
}

void table_bind(const struct socket *socket)
{
	for (struct slot *slot = slots; slot < slots + atomic_load(&used); slot++) {
		if (atomic_load(&slot->key) <= FREE || slot->socket.inode != socket->inode)
			continue;
		atomic_store(&slot->groups, socket->groups);
		atomic_store(&slot->port, socket->port);
	}
}

void table_remove(int fd)
{
	struct socket socket;
	struct slot *slot = slot_of(fd, &socket);
	if (slot != NULL)
		release(slot, fd);
}

int table_next(int from, struct socket *socket)
{
	int lowest = -1;
	struct socket found;
	for (struct slot *slot = slots; slot < slots + atomic_load(&used); slot++) {
		int fd = atomic_load(&slot->key) - 1;
		if (fd < from || (lowest >= 0 && fd >= lowest) || !table_find(fd, &found))
			continue;
		lowest = fd;
		*socket = found;
	}
	return lowest;
}
