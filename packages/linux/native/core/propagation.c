#include "propagation.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sys.h"

#define NO_GROUP 0
#define PAGE 4096
#define WORD 32
#define OPTIONAL 6 // words before the optional ones

int mount_tables_open(struct mount_tables *tables)
{
	tables->host = sys_result(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
	tables->self = sys_result(open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
	return tables->host < 0 ? tables->host : tables->self < 0 ? tables->self : 0;
}

void mount_tables_close(const struct mount_tables *tables)
{
	if (tables->host >= 0)
		close(tables->host);
	if (tables->self >= 0)
		close(tables->self);
}

// Read without memory of its own: the lock of that may be held in a child of a program with threads.
struct table {
	int fd;
	size_t at, length;
	char page[PAGE];
};

/** Of a line `36 35 98:0 /mnt1 /mnt2 rw shared:1 master:2 - ext3 …`. */
struct line {
	uint64_t mount;
	uint32_t shared;
	uint32_t master;
};

// The next character, or -1 at the end.
static int next_character(struct table *table)
{
	if (table->at == table->length) {
		int length = sys_result(read(table->fd, table->page, sizeof table->page));
		if (length <= 0)
			return -1;
		table->at = 0;
		table->length = (size_t)length;
	}
	return (unsigned char)table->page[table->at++];
}

// The next word, cut if it is long. Returns what ends it. A space parts words, and nothing else: in paths it is escaped.
static int next_word(struct table *table, char word[WORD])
{
	size_t length = 0;
	int character;
	while ((character = next_character(table)) >= 0 && character != ' ' && character != '\n')
		if (length < WORD - 1)
			word[length++] = (char)character;
	word[length] = '\0';
	return character;
}

static uint32_t group_in(const char *word, const char *kind)
{
	size_t length = strlen(kind);
	return strncmp(word, kind, length) == 0 ? (uint32_t)strtoul(word + length, NULL, 10) : NO_GROUP;
}

// False at the end.
static bool next_line(struct table *table, struct line *line)
{
	char word[WORD];
	int end = next_word(table, word);
	*line = (struct line){ .mount = strtoull(word, NULL, 10) };
	bool is_behind = false;
	for (int i = 1; end == ' '; i++) {
		end = next_word(table, word);
		is_behind |= i >= OPTIONAL && strcmp(word, "-") == 0;
		if (i >= OPTIONAL && !is_behind) {
			line->shared |= group_in(word, "shared:");
			line->master |= group_in(word, "master:");
		}
	}
	return end == '\n';
}

static struct line line_of(int fd, uint64_t mount)
{
	struct table table = { .fd = fd };
	struct line line;
	while (next_line(&table, &line))
		if (line.mount == mount)
			return line;
	return (struct line){ .mount = mount };
}

// Peers and those that follow them get what is mounted.
static int has_group(int fd, uint32_t group)
{
	struct table table = { .fd = fd };
	struct line line;
	while (next_line(&table, &line))
		if (line.shared == group || line.master == group)
			return 1;
	return 0;
}

static int get_mount(int place, uint64_t *mount)
{
	struct statx found = { 0 };
	int error = sys_result(statx(place, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &found));
	*mount = found.stx_mnt_id;
	return error ? error : found.stx_mask & STATX_MNT_ID ? 0 : -ENOSYS;
}

// The mount at a place of the namespace that this process is in. 0 or -errno.
static int find_line(const struct mount_tables *tables, int place, struct line *line)
{
	uint64_t mount;
	int error = get_mount(place, &mount);
	if (error < 0)
		return error;
	int here = sys_result(openat(tables->self, "mountinfo", O_RDONLY | O_CLOEXEC));
	if (here < 0)
		return here;
	*line = line_of(here, mount);
	close(here);
	return 0;
}

static int is_shared_with_host(const struct mount_tables *tables, const struct line *line)
{
	if (line->shared == NO_GROUP)
		return 0;
	int error = sys_result(lseek(tables->host, 0, SEEK_SET));
	return error < 0 ? error : has_group(tables->host, line->shared);
}

int mount_reaches_host(const struct mount_tables *tables, int place)
{
	struct line line;
	int error = find_line(tables, place, &line);
	return error ? error : is_shared_with_host(tables, &line);
}

int mount_follows_host(const struct mount_tables *tables, int place)
{
	struct line line;
	int error = find_line(tables, place, &line);
	return error ? error : line.master != NO_GROUP ? 1 : is_shared_with_host(tables, &line);
}
