#include "mem.h"
#include "say.h"
#include "sys.h"

#define STDOUT 1

static const char HELP[] =
	"uevent-agent COMMAND [ARGUMENT...]\n"
	"\n"
	"Device events for containers without Node.\n";

static int help(void)
{
	SYS(write, STDOUT, HELP, sizeof HELP - 1);
	return 0;
}

int main(int argc, char **argv, char **environment)
{
	(void)environment;
	if (argc < 2)
		return say_usage("there is no command", "");
	if (same_text(argv[1], "--help") || same_text(argv[1], "-h"))
		return help();
	return say_usage("there is no command ", argv[1]);
}
