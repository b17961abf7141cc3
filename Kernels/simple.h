// The simple kernel: one element at a time, for any strides, any alignment and any pairs, in place or not.
#ifndef ROPE_SIMPLE_H
#define ROPE_SIMPLE_H

#include "block.h"

// The channel that a pair reads or writes as its first (0) or second (1) element, counted from the rotary offset.
__device__ inline int channel_of(int pairing, int pair, int pairs, int second) {
  return pairing == ROPE_PAIRING_HALF ? pair + second * pairs : 2 * pair + second;
}

__device__ inline long long input_channel(const RopeArguments &arguments, int pair, int second) {
  if (arguments.channels) return arguments.channels[4 * pair + second];
  return arguments.rotary_offset + channel_of(arguments.input_pairing, pair, arguments.rotary_dimension / 2, second);
}

__device__ inline long long output_channel(const RopeArguments &arguments, int pair, int second) {
  if (arguments.channels) return arguments.channels[4 * pair + 2 + second];
  return arguments.rotary_offset + channel_of(arguments.output_pairing, pair, arguments.rotary_dimension / 2, second);
}

// The channel of the head that is the index-th of those that no pair writes.
__device__ inline long long passed_channel(const RopeArguments &arguments, int index) {
  if (arguments.channels) return arguments.channels[2 * arguments.rotary_dimension + index];
  return index < arguments.rotary_offset ? index : index + arguments.rotary_dimension;
}

// Rotates the block's heads of Q or K.
template <typename Element>
__device__ inline void rotate_heads(const RopeArguments &arguments, const RopeTensor &tensor, const BlockPart &part,
                                    const float *cosines, const float *sines, Rotated *rotated) {
  typedef typename Element::Storage Storage;
  const RopeStrides &from = tensor.input_strides, &to = tensor.output_strides;
  const Storage *input = (const Storage *)tensor.input + offset(from, part.row, part.column);
  Storage *output = (Storage *)tensor.output + offset(to, part.row, part.column);

  // As many heads at a time as `rotated` holds, but no more than the block's share of them. Without RoPE `pairs` is 0:
  // the loops over pairs do nothing, and the 1 avoids a division by 0.
  int pairs = arguments.rotary_dimension / 2, blocks = arguments.blocks_per_token;
  int most = ROPE_MAXIMUM_PAIRS / (pairs ? pairs : 1), share = (tensor.heads + blocks - 1) / blocks;
  int step = share < most ? share : most;
  for (int head = part.block * step; head < tensor.heads; head += blocks * step) {
    int heads = tensor.heads - head < step ? tensor.heads - head : step;
    for (int item = threadIdx.x; item < heads * pairs; item += blockDim.x) {
      int pair = item % pairs;
      const Storage *row = input + (head + item / pairs) * from.head;
      float first = Element::load(row[input_channel(arguments, pair, 0) * from.channel]);
      float second = Element::load(row[input_channel(arguments, pair, 1) * from.channel]);
      rotated[item] = rotate(first, second, cosines[pair], sines[pair]);
    }
    // In place, a pair may write a channel that another one reads.
    if (arguments.staged) __syncthreads();
    for (int item = threadIdx.x; item < heads * pairs; item += blockDim.x) {
      int pair = item % pairs;
      Storage *row = output + (head + item / pairs) * to.head;
      row[output_channel(arguments, pair, 0) * to.channel] = Element::store(rotated[item].first);
      row[output_channel(arguments, pair, 1) * to.channel] = Element::store(rotated[item].second);
    }
  }

  // The other channels are copied. In place they are where they belong.
  int passed = tensor.input == tensor.output ? 0 : arguments.head_dimension - arguments.rotary_dimension;
  int threads = blocks * blockDim.x;
  for (int item = part.block * blockDim.x + threadIdx.x; item < tensor.heads * passed; item += threads) {
    long long head = item / passed, channel = passed_channel(arguments, item % passed);
    output[head * to.head + channel * to.channel] = input[head * from.head + channel * from.channel];
  }
}

template <typename Element> __device__ inline void rotate_simple(const RopeArguments &arguments) {
  __shared__ float cosines[ROPE_MAXIMUM_PAIRS], sines[ROPE_MAXIMUM_PAIRS];
  // Each thread reads back only its own values. They are in shared memory all the same, because a local array that is
  // indexed by a variable would be in scratch memory.
  __shared__ Rotated rotated[ROPE_MAXIMUM_PAIRS];
  BlockPart part(arguments);
  compute_angles(arguments, part.token, cosines, sines);
  rotate_heads<Element>(arguments, arguments.query, part, cosines, sines, rotated);
  rotate_heads<Element>(arguments, arguments.key, part, cosines, sines, rotated);
  record_block(arguments);
}

#endif
