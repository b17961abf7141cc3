// The element types of Q and K, and of tables: how a float32 is read from their bits and written to them.
#ifndef ROPE_ELEMENTS_H
#define ROPE_ELEMENTS_H

#include "position_embeddings.h"

#if defined(__CUDACC__) || defined(__CUDACC_RTC__)
__device__ inline float half_to_float(unsigned short bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}
__device__ inline unsigned short float_to_half(float value) {
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}
#else
__device__ inline float half_to_float(unsigned short bits) { return (float)__builtin_bit_cast(_Float16, bits); }
__device__ inline unsigned short float_to_half(float value) {
  return __builtin_bit_cast(unsigned short, (_Float16)value);
}
#endif

// Each type has two pairs of functions. `load` and `store` are for one element. `unpack` and `pack` are for elements in
// the 32-bit words of a larger access: `unpack` reads element `index`, and `pack` writes elements `index`, which is
// even, and `index + 1`. They shift rather than go through a union or a pointer, because a value whose address is taken
// ends up in scratch memory on the device.

struct Float32 {
  typedef float Storage;
  __device__ static float load(Storage value) { return value; }
  __device__ static Storage store(float value) { return value; }
  __device__ static float unpack(const unsigned *words, int index) { return __uint_as_float(words[index]); }
  __device__ static void pack(unsigned *words, int index, float first, float second) {
    words[index] = __float_as_uint(first);
    words[index + 1] = __float_as_uint(second);
  }
};

struct Float16 {
  typedef unsigned short Storage;
  __device__ static float load(Storage bits) { return half_to_float(bits); }
  __device__ static Storage store(float value) { return float_to_half(value); }
  __device__ static float unpack(const unsigned *words, int index) {
    return load((Storage)(words[index / 2] >> (index % 2 * 16)));
  }
  __device__ static void pack(unsigned *words, int index, float first, float second) {
    words[index / 2] = store(first) | (unsigned)store(second) << 16;
  }
};

struct BFloat16 {
  typedef unsigned short Storage;
  __device__ static float load(Storage bits) { return __uint_as_float((unsigned)bits << 16); }
  __device__ static Storage store(float value) {
    unsigned bits = __float_as_uint(value);
    // A NaN whose payload lies in the lower half would become an infinity.
    if (value != value) return (unsigned short)(bits >> 16 | 0x40);
    // Half an ulp less one, plus the last kept bit: to nearest, ties to even.
    return (unsigned short)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
  }
  __device__ static float unpack(const unsigned *words, int index) {
    return __uint_as_float(index % 2 ? words[index / 2] & 0xFFFF0000u : words[index / 2] << 16);
  }
  __device__ static void pack(unsigned *words, int index, float first, float second) {
#if __CUDA_ARCH__ >= 800
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(words[index / 2]) : "f"(second), "f"(first));
#else
    words[index / 2] = store(first) | (unsigned)store(second) << 16;
#endif
  }
};

// An element of a type that is known only at run time, ROPE_ELEMENT_...
__device__ inline float load_scalar(const void *values, int type, long long index) {
  if (type == ROPE_ELEMENT_FLOAT32) return Float32::load(((const float *)values)[index]);
  unsigned short bits = ((const unsigned short *)values)[index];
  return type == ROPE_ELEMENT_FLOAT16 ? Float16::load(bits) : BFloat16::load(bits);
}

#endif
