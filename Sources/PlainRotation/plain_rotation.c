#include "plain_rotation.h"

void rope_plain_rotation(const float *input, size_t input_stride, float *output, const float *cosines,
                         const float *sines, size_t tokens, int heads, int head_dimension, int rotary_dimension,
                         int interleaved) {
  int pairs = rotary_dimension / 2;
  for (size_t token = 0; token < tokens; token++) {
    const float *c = cosines + token * pairs, *s = sines + token * pairs;
    for (int head = 0; head < heads; head++) {
      const float *x = input + token * input_stride + (size_t)head * head_dimension;
      float *y = output + (token * heads + head) * head_dimension;
      for (int i = 0; i < pairs; i++) {
        int first = interleaved ? 2 * i : i, second = interleaved ? 2 * i + 1 : i + pairs;
        y[first] = x[first] * c[i] - x[second] * s[i];
        y[second] = x[second] * c[i] + x[first] * s[i];
      }
      for (int i = rotary_dimension; i < head_dimension; i++) y[i] = x[i];
    }
  }
}
