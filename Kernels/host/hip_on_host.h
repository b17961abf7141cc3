// What the kernel needs of the HIP language, for a C++ compiler.
#pragma once

#include <atomic>
#include <cmath>
#include <cstring>

#define __global__
#define __device__
#define __constant__
// A worker runs one block at a time, so a block's shared memory is its worker's.
#define __shared__ static thread_local

struct Index3 {
  unsigned x = 0, y = 0, z = 0;
};
inline thread_local Index3 threadIdx, blockIdx, blockDim{1, 1, 1};

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};

// Returns when all threads of the block have called it.
void wait_for_block();
// With one thread in a block there is nobody to wait for.
inline void __syncthreads() {
  if (blockDim.x > 1) wait_for_block();
}

inline float __uint_as_float(unsigned bits) { return __builtin_bit_cast(float, bits); }
inline unsigned __float_as_uint(float value) { return __builtin_bit_cast(unsigned, value); }
inline float __fmul_rn(float a, float b) {
#pragma clang fp contract(off)
  return a * b;
}
inline unsigned atomicAdd(unsigned *address, unsigned value) { return __atomic_fetch_add(address, value, __ATOMIC_RELAXED); }
