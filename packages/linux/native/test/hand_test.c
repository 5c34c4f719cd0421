#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../core/hand.h"

#define PATIENCE_MS 500 // as long as it has to answer
#define WAITS_MAX 20 // times that, on a machine that is busy

static struct hand_order order_for(uint32_t work, const char *path)
{
	struct hand_order order = { .work = work };
	snprintf(order.path, sizeof order.path, "%s", path);
	return order;
}

static void say(struct hand_order *order, const char *text)
{
	strcpy(order->text, text);
	order->length = (uint32_t)strlen(text);
}

// It may be slow on a machine that is busy.
static int patiently(int hand, int first, struct hand_answer *answer)
{
	int result = first;
	for (int i = 0; i < WAITS_MAX && result == -ETIMEDOUT; i++)
		result = hand_await(hand, PATIENCE_MS, answer);
	return result;
}

static pid_t begun(int hand)
{
	struct hand_answer answer;
	CHECK(hand >= 0);
	CHECK(patiently(hand, -ETIMEDOUT, &answer) == 0);
	return (pid_t)answer.inode;
}

static uint64_t make_at(int hand, int directory, const char *path, uint32_t mode)
{
	struct hand_answer answer;
	struct hand_order order = order_for(HAND_MAKE, path);
	order.mode = mode;
	order.uid = geteuid();
	order.gid = getegid();
	say(&order, "elsewhere");
	CHECK(patiently(hand, hand_ask(hand, directory, -1, &order, PATIENCE_MS, &answer), &answer) == 0);
	return answer.inode;
}

static int do_with(int hand, int directory, uint32_t work, const char *path, uint64_t inode, const char *text)
{
	struct hand_answer answer;
	struct hand_order order = order_for(work, path);
	order.inode = inode;
	say(&order, text);
	return patiently(hand, hand_ask(hand, directory, -1, &order, PATIENCE_MS, &answer), &answer);
}

static long milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void works_on_what_is_meant(int hand, int directory)
{
	uint64_t other, link = make_at(hand, directory, "new", S_IFLNK);
	CHECK(do_with(hand, directory, HAND_NAME, "new", link, "link") == 0);
	CHECK(do_with(hand, directory, HAND_LOOK, "new", 0, "") == -ENOENT);
	other = make_at(hand, directory, "new", S_IFDIR | 0700);
	CHECK(do_with(hand, directory, HAND_NAME, "new", other, "link") == -EEXIST);
	CHECK(do_with(hand, directory, HAND_REMOVE, "link", other, "") == -ECANCELED);
	CHECK(do_with(hand, directory, HAND_LOOK, "link/x", 0, "") == -ELOOP);
	CHECK(do_with(hand, directory, HAND_LOOK, "../x", 0, "") == -EXDEV);
	CHECK(do_with(hand, directory, HAND_FIND, ".", 0, "") == 0 && do_with(hand, directory, HAND_FIND, "link/x", 0, "") == -ELOOP);
	CHECK(do_with(hand, directory, HAND_UNMOUNT, "link/x", 0, "") == -ELOOP);
	CHECK(do_with(hand, directory, HAND_REMOVE, "new", other, "") == 0);
	CHECK(do_with(hand, directory, HAND_REMOVE, "link", link, "") == 0);
	CHECK(do_with(hand, directory, 99, "link", 0, "") == -EINVAL);
}

static int put_at(int hand, int directory, int workshop, const char *path, uint32_t mode, const char *text)
{
	struct hand_answer answer;
	struct hand_order order = order_for(workshop < 0 ? HAND_WRITE : HAND_PUT, path);
	order.mode = mode;
	order.uid = geteuid();
	order.gid = getegid();
	say(&order, text);
	return patiently(hand, hand_ask(hand, directory, workshop, &order, PATIENCE_MS, &answer), &answer);
}

static void expect_listed(int hand, int directory, const char *path, const char *line, size_t length)
{
	char text[64];
	int list = do_with(hand, directory, HAND_LIST, path, 0, "");
	CHECK(list >= 0);
	CHECK(read(list, text, sizeof text) == (ssize_t)length);
	CHECK(memcmp(text, line, length) == 0);
	close(list);
}

static void fills_and_empties(int hand, int directory)
{
	char text[8];
	CHECK(put_at(hand, directory, directory, "a/b/link", S_IFLNK, "elsewhere") == 0);
	CHECK(put_at(hand, directory, directory, "a/b/link", S_IFLNK, "there") == 0);
	CHECK(readlinkat(directory, "a/b/link", text, sizeof text) == 5);
	expect_listed(hand, directory, "a/b", "-link", sizeof "-link");
	expect_listed(hand, directory, "a", "db", sizeof "db");
	CHECK(put_at(hand, directory, directory, "a/b", S_IFLNK, "there") == -EISDIR);
	CHECK(do_with(hand, directory, HAND_TAKE, "a/b", 0, "") == -ENOTEMPTY);
	CHECK(put_at(hand, directory, directory, "a/b/link/x", S_IFLNK, "there") == -ENOTDIR);
	CHECK(do_with(hand, directory, HAND_TAKE, "a/b/link/x", 0, "") == 0); // there is none
	CHECK(do_with(hand, directory, HAND_TAKE, "a/b/link", 0, "") == 0);
	CHECK(put_at(hand, directory, -1, "a/b/file", 0600, "one") == 0);
	CHECK(put_at(hand, directory, -1, "a/b/file", 0600, "two") == 0);
	int file = openat(directory, "a/b/file", O_RDONLY | O_CLOEXEC);
	CHECK(read(file, text, sizeof text) == 3 && memcmp(text, "two", 3) == 0);
	close(file);
	expect_listed(hand, directory, "a/b", "-file", sizeof "-file");
	CHECK(do_with(hand, directory, HAND_EMPTY, ".", 0, "") == 0);
	CHECK(do_with(hand, directory, HAND_LOOK, "a", 0, "") == -ENOENT);
}

static void is_given_up(int hand, int directory, pid_t pid)
{
	struct hand_answer answer;
	struct hand_order order = order_for(HAND_LOOK, "x");
	CHECK(kill(pid, SIGSTOP) == 0);
	long begin = milliseconds();
	CHECK(hand_ask(hand, directory, -1, &order, PATIENCE_MS, &answer) == -ETIMEDOUT);
	CHECK(milliseconds() - begin >= PATIENCE_MS - 1);
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK(patiently(hand, -ETIMEDOUT, &answer) == -ENOENT); // late, but the answer
}

static void is_waited_for_by_who_is_stopped_meanwhile(int hand, int directory, pid_t pid)
{
	int status;
	struct timespec moment = { .tv_nsec = 100000000 };
	CHECK(kill(pid, SIGSTOP) == 0);
	pid_t relay = fork();
	CHECK(relay >= 0);
	if (relay == 0)
		_exit(do_with(hand, directory, HAND_LOOK, "x", 0, "") == -ENOENT ? 0 : 1);
	nanosleep(&moment, NULL); // it waits now
	CHECK(kill(relay, SIGSTOP) == 0);
	CHECK(waitpid(relay, &status, WUNTRACED) == relay && WIFSTOPPED(status));
	CHECK(kill(relay, SIGCONT) == 0);
	nanosleep(&moment, NULL);
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK(waitpid(relay, &status, 0) == relay);
	CHECK(status == 0);
}

static void says_that_there_is_no_room_for_a_descriptor(int hand, int directory)
{
	struct rlimit before, full;
	int next = dup(directory);
	close(next);
	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	full = before;
	full.rlim_cur = (rlim_t)next;
	CHECK(setrlimit(RLIMIT_NOFILE, &full) == 0);
	CHECK(do_with(hand, directory, HAND_LIST, ".", 0, "") == -EMFILE);
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
	CHECK(do_with(hand, directory, HAND_LOOK, "x", 0, "") == -ENOENT);
}

void test_hand(void)
{
	char path[] = "/tmp/uevent-bridge-hand-XXXXXX";
	CHECK(mkdtemp(path) != NULL);
	int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int slow = hand_start();
	pid_t pid = begun(slow);
	int quick = hand_start();
	CHECK(begun(quick) > 0);
	is_given_up(slow, directory, pid);
	is_waited_for_by_who_is_stopped_meanwhile(slow, directory, pid);
	says_that_there_is_no_room_for_a_descriptor(quick, directory);
	works_on_what_is_meant(quick, directory); // whatever became of the other
	fills_and_empties(quick, directory);
	close(slow);
	close(quick);
	close(directory);
	CHECK(rmdir(path) == 0);
}
