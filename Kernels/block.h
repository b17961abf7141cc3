// The work of a block in both kernels: it finds its token, computes the token's cosines and sines once, rotates pairs
// by them, and counts itself in the launch record.
#ifndef ROPE_BLOCK_H
#define ROPE_BLOCK_H

#include "angles.h"
#include "elements.h"
#include "position_embeddings.h"

// The token of this block, and the block's number among those that share the token.
struct BlockPart {
  unsigned token, block, row, column;

  // In 32 bits, which hold the number of any block: a division of 64 bits takes a GPU a hundred instructions.
  __device__ explicit BlockPart(const RopeArguments &arguments) {
    unsigned blocks = arguments.blocks_per_token, sequence = (unsigned)arguments.sequence;
    token = blocks == 1 ? blockIdx.x : blockIdx.x / blocks;
    block = blockIdx.x - token * blocks;
    row = arguments.batch == 1 ? 0 : token / sequence;
    column = token - row * sequence;
  }
};

// The index at which a token begins in a tensor.
__device__ inline long long offset(const RopeStrides &strides, long long row, long long column) {
  return row * strides.batch + column * strides.sequence;
}

// The cosine and sine of one token and pair, multiplied by the attention factor; those of a table have it already.
__device__ inline CosSin cos_sin_of_token(const RopeArguments &arguments, long long token, int pair) {
  int pairs = arguments.rotary_dimension / 2;
  CosSin angle;
  if (arguments.contract == ROPE_CONTRACT_TABLE) {
    long long index = (long long)arguments.rows[token] * pairs + pair;
    angle.cosine = load_scalar(arguments.cosines, arguments.table_type, index);
    angle.sine = load_scalar(arguments.sines, arguments.table_type, index);
    return angle;
  }
  long long axis = arguments.axes ? arguments.axes[pair] : 0;
  long long place = axis * arguments.batch * arguments.sequence + token;
  if (arguments.contract == ROPE_CONTRACT_FREQUENCY) {
    float position =
        arguments.rounded_positions ? arguments.rounded_positions[place] : (float)arguments.positions[place];
    angle = cos_sin_of_product(position, arguments.inverse_frequencies[pair]);
  } else {
    unsigned long long step = arguments.phase_steps[pair], phase = phase_of_position(arguments.positions[place], step);
    if (arguments.position_fractions)
      phase += phase_of_fraction(arguments.position_fractions[place], step, arguments.whole_turns[pair]);
    angle = cos_sin_of_phase(phase);
  }
  angle.cosine *= arguments.attention_factor;
  angle.sine *= arguments.attention_factor;
  return angle;
}

// Computes the cosines and sines of a token for all threads of the block.
__device__ inline void compute_angles(const RopeArguments &arguments, long long token, float *cosines, float *sines) {
  int pairs = arguments.rotary_dimension / 2;
  for (int pair = threadIdx.x; pair < pairs; pair += blockDim.x) {
    CosSin angle = cos_sin_of_token(arguments, token, pair);
    cosines[pair] = angle.cosine;
    sines[pair] = angle.sine;
  }
  __syncthreads();
}

// A pair of channels after its rotation.
struct Rotated {
  float first, second;
};

__device__ inline Rotated rotate(float first, float second, float cosine, float sine) {
  Rotated result;
  result.first = fmaf(first, cosine, -(second * sine));
  result.second = fmaf(second, cosine, first * sine);
  return result;
}

// Counts this block in the record after all of its threads have finished, hence the barrier.
__device__ inline void record_block(const RopeArguments &arguments) {
  __syncthreads();
  if (threadIdx.x == 0) {
    if (blockIdx.x == 0) arguments.record->launch = arguments.launch;
    atomicAdd(&arguments.record->blocks, 1u);
  }
}

#endif
