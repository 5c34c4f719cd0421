// The core by itself, under AddressSanitizer and UndefinedBehaviorSanitizer: npm run test:asan
#include <dirent.h>

#include "check.h"

static int count_fds(void)
{
	int count = 0;
	DIR *fds = opendir("/proc/self/fd");
	CHECK(fds != NULL);
	while (readdir(fds) != NULL)
		count++;
	closedir(fds);
	return count;
}

static void run(const char *name, void (*test)(void))
{
	int before = count_fds();
	test();
	CHECK(count_fds() == before);
	printf("ok %s\n", name);
	fflush(stdout);
}

int main(void)
{
	run("receive", test_receive);
	run("outgoing", test_outgoing);
	run("ledger", test_ledger);
	run("inject", test_inject);
	run("devices", test_devices);
	run("attributes", test_attributes);
	run("directories", test_directories);
	run("namespaces", test_namespaces);
	run("place", test_place);
	run("glance", test_glance);
	run("survey", test_survey);
	run("tree", test_tree);
	run("peek", test_peek);
	run("hand", test_hand);
	run("detached", test_detached);
	return 0;
}
