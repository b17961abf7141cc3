// The parts of the HIP language that the kernel uses, for a C++ compiler.
#pragma once

#include <cmath>

#if defined(__x86_64__) && defined(__ELF__)
// The program picks the kernel that suits its processor. Without the instruction, each fmaf is a call.
#define __global__ __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define __global__
#endif
// Into every kernel, so that it is compiled for the same processor.
#define __device__ __attribute__((always_inline))
#define __constant__
// A worker runs one block at a time, so a block's shared memory is its worker's.
#define __shared__ static thread_local

struct Index3 {
  unsigned x = 0, y = 0, z = 0;
};
inline thread_local Index3 threadIdx, blockIdx, blockDim{1, 1, 1};

// HIP's vector types.
typedef unsigned uint4 __attribute__((ext_vector_type(4)));
typedef float float2 __attribute__((ext_vector_type(2)));

// Returns when all threads of the block have called it.
void wait_for_block();
// With one thread in a block there is no thread to wait for.
inline void __syncthreads() {
  if (blockDim.x > 1) wait_for_block();
}

inline float __uint_as_float(unsigned bits) { return __builtin_bit_cast(float, bits); }
inline unsigned __float_as_uint(float value) { return __builtin_bit_cast(unsigned, value); }
inline float __fmul_rn(float a, float b) {
#pragma clang fp contract(off)
  return a * b;
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
inline unsigned atomicAdd(unsigned *address, unsigned value) { return __atomic_fetch_add(address, value, __ATOMIC_RELAXED); }
