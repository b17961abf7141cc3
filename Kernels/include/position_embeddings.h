// The arguments of the kernels in position_embeddings.hip, shared by the device and its host.
// C99, C++11 and the run-time compilers read this file, so it includes nothing.
#ifndef POSITION_EMBEDDINGS_H
#define POSITION_EMBEDDINGS_H

// Most pairs that one head can have: a head dimension of 1024.
enum { ROPE_MAXIMUM_PAIRS = 512 };

// The numbers of rope_backend.h, which says what they mean. They are repeated here because that header includes stdint.h,
// which the run-time compilers do not have; host/host.cpp asserts that the two agree.
enum { ROPE_ELEMENT_FLOAT32 = 1, ROPE_ELEMENT_FLOAT16 = 2, ROPE_ELEMENT_BFLOAT16 = 3 };
enum {
  ROPE_CONTRACT_NONE = 0,
  ROPE_CONTRACT_TABLE = 1,
  ROPE_CONTRACT_FREQUENCY = 2,
  ROPE_CONTRACT_POSITION = 3
};
enum { ROPE_PAIRING_OTHER = 0, ROPE_PAIRING_HALF = 1, ROPE_PAIRING_INTERLEAVED = 2 };

// Strides of a tensor in elements.
typedef struct {
  long long batch, sequence, head, channel;
} RopeStrides;

// Q or K. input == output with equal strides rotates in place.
typedef struct {
  const void *input;
  void *output;
  RopeStrides input_strides, output_strides;
  int heads;
} RopeTensor;

// The device's record of its own work.
typedef struct {
  // Counts the blocks that finished.
  unsigned int blocks;
  // The launch number of the call, echoed.
  unsigned int launch;
} RopeLaunchRecord;

typedef struct {
  RopeTensor query, key;
  long long batch, sequence;
  int head_dimension, rotary_dimension, rotary_offset;
  // ROPE_ELEMENT_..., ROPE_CONTRACT_... and twice ROPE_PAIRING_...
  int element_type, contract, input_pairing, output_pairing;
  // 1 if a pair writes a channel that another one reads: in place, all pairs of a head are read before one is written.
  int staged;
  // 1 for the wide kernel: every 16-byte group of all tensors is aligned and contiguous, and no tensor in place is staged.
  int wide;
  // Blocks that share the work on one token, at least 1; the launch has as many for each token.
  int blocks_per_token;
  float attention_factor;
  // ROPE_ELEMENT_... of cosines and sines (table contract).
  int table_type;
  // [R/2][4] channels that each pair reads and writes (in, in, out, out), then the D - R channels that none writes.
  // Null if the pairs are the slice of R channels from rotary_offset; then input_pairing and output_pairing describe
  // it. Otherwise both are ROPE_PAIRING_OTHER.
  const int *channels;
  // [R/2] the position axis of each pair; null if all are on axis 0.
  const int *axes;
  // [rows, R/2] cosines and sines, and for each token its row (table contract).
  const void *cosines, *sines;
  const int *rows;
  // [axes, batch · sequence] position ids (frequency and position contracts). With a fraction they come in another form:
  // under the frequency contract as float32 in rounded_positions, and positions is null; under the position contract
  // rounded down, and position_fractions has the rest in 2^-64ths, otherwise it is null.
  const long long *positions;
  const float *rounded_positions;
  const unsigned long long *position_fractions;
  // [R/2] radians per position (frequency contract).
  const float *inverse_frequencies;
  // [R/2] turns per position as a fraction of 2^64 (position contract).
  const unsigned long long *phase_steps;
  // [R/2] whole turns per position, rounded down; null without position_fractions.
  const long long *whole_turns;
  RopeLaunchRecord *record;
  unsigned int launch;
} RopeArguments;

#endif
