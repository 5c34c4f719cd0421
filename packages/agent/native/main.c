#include "commands.h"
#include "files.h"
#include "mem.h"
#include "say.h"
#include "sys.h"

static const char HELP[] =
	"uevent-agent COMMAND [ARGUMENT...]: device events for containers without Node\n"
	"\n"
	"  hold PATH                     gives uevent sockets of a network namespace of its own to programs that\n"
	"                                come to the socket PATH; says `ready`; ends when nobody has needed it for 10 s\n"
	"  exec PATH -- PROGRAM [ARG...] runs PROGRAM with its uevent sockets from the holder at PATH\n"
	"\n"
	"Status: 0 done, 1 something of the world is wrong, 2 the words are wrong.\n"
	"exec has the status of PROGRAM: 125 when it was not started, 126 not executable, 127 not found.\n";

static int help(void)
{
	SYS(write, 1, HELP, sizeof HELP - 1);
	return 0;
}

int main(int argc, char **argv, char **environment)
{
	files_open_standard();
	const char *command = argc < 2 ? "" : argv[1];
	if (argc < 2)
		return say_usage("there is no command", "");
	if (same_text(command, "--help") || same_text(command, "-h"))
		return help();
	if (same_text(command, "hold"))
		return command_hold(argv + 2);
	if (same_text(command, "exec"))
		return command_exec(argv + 2, environment);
	return say_usage("there is no command ", command);
}
