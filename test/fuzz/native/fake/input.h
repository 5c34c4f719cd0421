// What is fuzzed, taken apart from its beginning on; behind its end there are zeros.
#ifndef FAKE_INPUT_H
#define FAKE_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct input {
	const uint8_t *at;
	size_t left;
};

static size_t take(struct input *input, void *to, size_t size)
{
	size_t taken = size < input->left ? size : input->left;
	if (taken > 0)
		memcpy(to, input->at, taken);
	input->at += taken;
	input->left -= taken;
	return taken;
}

static uint8_t take_byte(struct input *input)
{
	uint8_t byte = 0;
	take(input, &byte, sizeof byte);
	return byte;
}

static uint16_t take_short(struct input *input)
{
	uint16_t number = 0;
	take(input, &number, sizeof number);
	return number;
}

static uint32_t take_word(struct input *input)
{
	uint32_t word = 0;
	take(input, &word, sizeof word);
	return word;
}

/** A promise: the program ends where it is broken, and libFuzzer writes down by what. */
#define HOLDS(condition)         \
	do {                     \
		if (!(condition)) \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
