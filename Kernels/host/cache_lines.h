// The wide kernel's accesses, tuned for the CPU. The device code knows nothing of it.
//
// It has three parts: groups of a whole line of the cache, a request for what is read soon, and stores that go past the
// caches. They change how bytes move, and no value.
#pragma once

#include <cstdint>
#include <cstring>

#include "../include/position_embeddings.h"
#include "hip_on_host.h"

// True if this thread's stores go past its caches to memory. A tensor that no cache holds need not be read into one
// before it is written.
inline thread_local bool stores_past_caches;

// A line of the cache. The CPU processes an item of whole lines in the time of one of 16 bytes.
typedef unsigned Line __attribute__((ext_vector_type(16)));

struct LineAccess {
  typedef Line Group;

  __device__ static void load(const void *address, Group &group) {
    // Requests what a later item of this thread reads. Heads and tokens mostly follow each other in memory, but the two
    // groups of an item are half a head apart, and such streams are too short for the processor's own prefetcher.
    __builtin_prefetch((const char *)address + 1024, 0, 0);
    group = *(const Group *)address;
  }
  __device__ static void store(void *address, const Group &group) {
    if (stores_past_caches) return __builtin_nontemporal_store(group, (Group *)address);
    *(Group *)address = group;
  }
  __device__ static void split(const Group &group, unsigned *words) { std::memcpy(words, &group, sizeof group); }
  __device__ static void join(const unsigned *words, Group &group) { std::memcpy(&group, words, sizeof group); }
};

inline long long element_bytes(const RopeArguments &arguments) {
  return arguments.element_type == ROPE_ELEMENT_FLOAT32 ? 4 : 2;
}

// True if the outputs are tensors of their own that no cache holds.
inline bool is_beyond_caches(const RopeArguments &arguments) {
  if (arguments.query.input == arguments.query.output || arguments.key.input == arguments.key.output) return false;
  double tokens = (double)arguments.batch * arguments.sequence;
  double channels = ((double)arguments.query.heads + arguments.key.heads) * arguments.head_dimension;
  return tokens * channels * element_bytes(arguments) >= 32 << 20;
}

inline bool begins_with_lines(const void *tensor, const RopeStrides &strides, long long bytes) {
  long long steps = strides.batch | strides.sequence | strides.head;
  return ((uintptr_t)tensor | steps * bytes) % sizeof(Line) == 0;
}

// True if tensors that the wide kernel takes in groups of 16 bytes can be taken in whole lines too.
inline bool is_in_lines(const RopeArguments &arguments) {
  long long bytes = element_bytes(arguments);
  const RopeTensor &query = arguments.query, &key = arguments.key;
  return arguments.wide && arguments.rotary_dimension * bytes % (2 * sizeof(Line)) == 0 &&
         (arguments.rotary_offset | arguments.head_dimension) * bytes % sizeof(Line) == 0 &&
         begins_with_lines(query.input, query.input_strides, bytes) &&
         begins_with_lines(query.output, query.output_strides, bytes) &&
         begins_with_lines(key.input, key.input_strides, bytes) &&
         begins_with_lines(key.output, key.output_strides, bytes);
}
