#ifndef UB_CHECK_H
#define UB_CHECK_H

#include <stdio.h>
#include <stdlib.h>

/** Ends the program, and so the run, at the first thing that is not as it should be. */
#define CHECK(condition)                                                              \
	do {                                                                          \
		if (!(condition)) {                                                   \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			exit(1);                                                      \
		}                                                                     \
	} while (0)

void test_receive(void);
void test_outgoing(void);
void test_ledger(void);
void test_inject(void);
void test_devices(void);
void test_attributes(void);
void test_directories(void);
void test_namespaces(void);
void test_place(void);
void test_glance(void);
void test_survey(void);
void test_tree(void);
void test_peek(void);
void test_hand(void);
void test_detached(void);

#endif
