#include "commands.h"
#include "files.h"
#include "mem.h"
#include "say.h"
#include "sys.h"

static const char HELP[] =
	"uevent-agent COMMAND [ARGUMENT...]: device events for containers without Node\n"
	"\n"
	"In a container, from the directory of events that the relay made for it:\n"
	"  hotplug [OPTION...] PROGRAM [ARG...]  runs PROGRAM for each event as the kernel would: SUBSYSTEM is its last\n"
	"                                        argument, the event's variables are its environment\n"
	"  pipe [OPTION...] [PROGRAM [ARG...]]   writes events to stdout or to PROGRAM: each text of an event ends with\n"
	"                                        NUL, and each event with one more NUL\n"
	"  inject [OPTION...]                    says them on this network namespace's netlink\n"
	"    --dir DIR      the directory (default: /run/uevent)\n"
	"    --name NAME    of the socket there, NAME.sock (default: agent)\n"
	"    --jobs N       programs that hotplug runs at the same time, 1 to 64 (default: 8)\n"
	"    --timeout S    seconds after which hotplug ends one (default: 30)\n"
	"\n"
	"Beside containers without a user namespace:\n"
	"  hold PATH                             gives uevent sockets of a network namespace of its own to programs that come\n"
	"                                        to the socket PATH; says `ready`; ends when nobody has needed it for 10 s\n"
	"  exec [--wait] PATH -- PROGRAM [ARG...]\n"
	"                                        becomes PROGRAM, with its uevent sockets from the holder at PATH; --wait stays\n"
	"                                        beside it, passes on what its parent sends, and has its status\n"
	"\n"
	"Status: 0 done, 1 something of the world is wrong, 2 the words are wrong. pipe and exec have the status of PROGRAM:\n"
	"125 when exec did not start it, 126 not executable, 127 not found.\n";

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
	if (same_text(command, "pipe"))
		return command_pipe(argv + 2, environment);
	if (same_text(command, "inject"))
		return command_inject(argv + 2);
	if (same_text(command, "hold"))
		return command_hold(argv + 2);
	if (same_text(command, "hotplug"))
		return command_hotplug(argv + 2);
	if (same_text(command, "enter"))
		return command_enter(argv + 2);
	if (same_text(command, "exec"))
		return command_exec(argv + 2, environment);
	return say_usage("there is no command ", command);
}
