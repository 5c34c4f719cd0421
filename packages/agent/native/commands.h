#ifndef UA_COMMANDS_H
#define UA_COMMANDS_H

/** Each runs a command with what follows its name, up to a NULL, and returns the program's status. */
int command_hold(char **arguments);
int command_hotplug(char **arguments);
int command_pipe(char **arguments, char **environment);
int command_inject(char **arguments);
int command_exec(char **arguments, char **environment);
int command_enter(char **arguments);

/**
 * Runs a program for each event that comes from a connected socket, until its other end is closed. The program has `nothing` as its
 * standard files. Says `ready` when it listens. Returns a status.
 */
int hotplug_from(int events, int nothing, char **program);

#endif
