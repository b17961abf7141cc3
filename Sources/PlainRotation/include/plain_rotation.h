// Loops that anybody would write, with which the kernel is compared on the CPU.
#ifndef ROPE_PLAIN_ROTATION_H
#define ROPE_PLAIN_ROTATION_H

#include <stddef.h>

// Rotates one float32 tensor [tokens, heads, head_dimension] by a table [tokens, rotary_dimension / 2].
//
// The first rotary_dimension channels of each head rotate, in pairs (2i, 2i + 1) if interleaved, otherwise (i, i +
// rotary_dimension / 2); the others are copied. Tokens of the input begin input_stride elements apart; the output is
// contiguous.
void rope_plain_rotation(const float *input, size_t input_stride, float *output, const float *cosines,
                         const float *sines, size_t tokens, int heads, int head_dimension, int rotary_dimension,
                         int interleaved);

#endif
