#ifndef UA_RUN_H
#define UA_RUN_H

#define STATUS_OURS 125 // we failed, and the program was not started
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND 127

/**
 * Becomes a program, which is looked for in PATH if it is no path. Returns only when that fails, with what a shell would
 * exit with, after having said why.
 */
int run_program(char **arguments, char **environment);

#endif
