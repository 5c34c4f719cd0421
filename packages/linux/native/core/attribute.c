#include "attribute.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "detached.h"
#include "sys.h"

struct job {
	int root;
	int answer;
	char path[];
};

struct answer {
	int error;
	uint8_t bytes[ATTRIBUTE_MAX - sizeof(int)]; // one atomic write to a pipe
};

static int is_regular(int file)
{
	struct stat status;
	return fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

static int read_file(const struct job *job, struct answer *answer)
{
	int file = sys_open_beneath(job->root, job->path, O_RDONLY);
	if (file < 0)
		return file;
	int length = is_regular(file) ? sys_result(read(file, answer->bytes, sizeof answer->bytes)) : -EISDIR;
	close(file);
	return length;
}

static void end_job(struct job *job)
{
	if (job->root >= 0)
		close(job->root);
	close(job->answer);
	free(job);
}

static void *run(void *context)
{
	struct job *job = context;
	struct answer answer;
	int length = read_file(job, &answer);
	answer.error = length < 0 ? length : 0;
	size_t size = sizeof answer.error + (length < 0 ? 0 : (size_t)length);
	ssize_t written = write(job->answer, &answer, size);
	(void)written; // nobody waits any more
	end_job(job);
	return NULL;
}

static struct job *new_job(int root, const char *path, int answer)
{
	struct job *job = malloc(sizeof *job + strlen(path) + 1);
	if (job == NULL)
		return NULL;
	job->answer = answer;
	job->root = sys_result(fcntl(root, F_DUPFD_CLOEXEC, 0));
	strcpy(job->path, path);
	return job;
}

static int start(struct job *job)
{
	int error = job->root < 0 ? job->root : detached_start(run, job);
	if (error < 0)
		end_job(job);
	return error;
}

int attribute_start(int root, const char *path)
{
	int ends[2];
	int error = sys_result(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	if (error < 0)
		return error;
	struct job *job = new_job(root, path, ends[1]);
	if (job == NULL)
		close(ends[1]);
	error = job ? start(job) : -ENOMEM;
	if (error == 0)
		return ends[0];
	close(ends[0]);
	return error;
}
