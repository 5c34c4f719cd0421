#include "propagation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sys.h"

#define NO_GROUP 0

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

// Of a line: what follows a word such as " shared:" in the optional fields.
static uint32_t group_after(const char *line, const char *word)
{
	const char *found = strstr(line, word);
	return found ? (uint32_t)strtoul(found + strlen(word), NULL, 10) : NO_GROUP;
}

// The next line up to its optional fields. There a space parts words, and nothing else: in paths it is escaped.
static int next_line(FILE *table, char **line, size_t *size)
{
	if (getline(line, size, table) < 0)
		return 0;
	char *end = strstr(*line, " - ");
	if (end != NULL)
		*end = '\0';
	return 1;
}

static uint32_t group_of(FILE *table, uint64_t mount)
{
	char *line = NULL;
	size_t size = 0;
	uint32_t group = NO_GROUP;
	while (next_line(table, &line, &size))
		if (strtoull(line, NULL, 10) == mount)
			group = group_after(line, " shared:");
	free(line);
	return group;
}

// Peers and those that follow them get what is mounted.
static int has_group(FILE *table, uint32_t group)
{
	char *line = NULL;
	size_t size = 0;
	int found = 0;
	while (!found && next_line(table, &line, &size))
		found = group_after(line, " shared:") == group || group_after(line, " master:") == group;
	free(line);
	return found;
}

static int get_mount(int place, uint64_t *mount)
{
	struct statx found = { 0 };
	int error = sys_result(statx(place, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &found));
	*mount = found.stx_mnt_id;
	return error ? error : found.stx_mask & STATX_MNT_ID ? 0 : -ENOSYS;
}

// Takes the descriptor over.
static FILE *as_stream(int fd)
{
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "re");
	if (stream == NULL && fd >= 0)
		close(fd);
	return stream;
}

int mount_reaches_host(const struct mount_tables *tables, int place)
{
	uint64_t mount;
	int result = get_mount(place, &mount);
	if (result < 0)
		return result;
	FILE *here = as_stream(openat(tables->self, "mountinfo", O_RDONLY | O_CLOEXEC));
	FILE *host = as_stream(fcntl(tables->host, F_DUPFD_CLOEXEC, 0));
	result = -EIO;
	if (here != NULL && host != NULL) {
		uint32_t group = group_of(here, mount);
		result = group != NO_GROUP && has_group(host, group);
	}
	if (here != NULL)
		fclose(here);
	if (host != NULL)
		fclose(host);
	return result;
}
