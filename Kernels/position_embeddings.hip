// Rotary position embedding of Q and K in one launch.
//
// One block, or several where there are few tokens, rotate all heads of one token. A block computes the token's
// cosines and sines once, into shared memory, and then applies them to its part of every query and key head. Nothing
// depends on the block size, the wave size or the number of blocks of a token: all phases are strided loops, and
// there is no shuffle.
//
// hipcc, hiprtc and NVRTC compile this file as it is; so does a C++ compiler, to which a small
// header supplies __global__, threadIdx and so on.
#if defined(__HIP__) && !defined(__HIPCC_RTC__)
// hipcc does not know threadIdx and uint4 by itself. The run-time compilers do, and have no headers.
#include <hip/hip_runtime.h>
#endif

#include "position_embeddings.h"

#ifdef __clang__
// HIP contracts a * b + c by default, even where the product is __fmul_rn's. The error terms below
// need the rounded product.
#pragma clang fp contract(off)
#endif

// MARK: - Element types

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

// Each type says how an element is read and written, and how in the 32-bit words of a larger access: `unpack` reads
// element `index`, `pack` writes that and the next, where `index` is even. Shifts rather than a union or a pointer,
// because a value whose address is taken ends up in scratch memory on the device.

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

// MARK: - Angles

struct CosSin {
  float cosine, sine;
};

// Cosine and sine of high + low radians, |high| ≤ π/4, then turned by quarter turns.
//
// The Taylor coefficients leave less than 2^-27 at π/4; low carries what the float high could not,
// so the error is that of the last addition and of the polynomial's rounding, below one ulp each.
__device__ inline CosSin cos_sin(float high, float low, unsigned quarter) {
  float square = high * high;
  float p = fmaf(square, 2.7557319e-6f, -1.9841270e-4f);
  p = fmaf(square, p, 8.3333333e-3f);
  p = fmaf(square, p, -1.6666667e-1f);
  float sine = high + fmaf(high * square, p, low);
  float q = fmaf(square, -2.7557319e-7f, 2.4801587e-5f);
  q = fmaf(square, q, -1.3888889e-3f);
  q = fmaf(square, q, 4.1666667e-2f);
  // 1 − square/2 in two parts: the rounding of the first is given back.
  float half_square = 0.5f * square;
  float head = 1.0f - half_square;
  float lost = (1.0f - head) - half_square;
  // high² rounds too; fmaf recovers that part.
  lost -= 0.5f * fmaf(high, high, -square);
  float cosine = head + (lost + fmaf(square * square, q, -high * low));
  CosSin result;
  result.cosine = quarter & 1 ? sine : cosine;
  result.sine = quarter & 1 ? cosine : sine;
  if ((quarter + 1) & 2) result.cosine = -result.cosine;
  if (quarter & 2) result.sine = -result.sine;
  return result;
}

// Cosine and sine of a fraction of a turn in units of 2^-64 turns.
__device__ inline CosSin cos_sin_of_turns(unsigned long long turns) {
  unsigned quarter = (unsigned)((turns + (1ull << 61)) >> 62);
  long long rest = (long long)(turns - ((unsigned long long)quarter << 62));
  float head = (float)rest;
  float tail = (float)(rest - (long long)head);
  // 2π · 2^-64 in two floats.
  const float scale = 0x1.921fb6p-62f, scale_low = -0x1.777a5cp-87f;
  // Rounded, not contracted into an addition of cos_sin: low is what this rounding loses.
  float high = __fmul_rn(head, scale);
  float low = fmaf(head, scale, -high) + fmaf(head, scale_low, tail * scale);
  return cos_sin(high, low, quarter & 3);
}

// 32 zero bits, then 1/2π. In constant memory, because an array that is indexed by a variable would be
// copied to scratch memory.
__constant__ const unsigned reciprocal[8] = {0x00000000u, 0x28BE60DBu, 0x9391054Au, 0x7F09D5F4u,
                                             0x7D4D3770u, 0x36D8A566u, 0x4F10E410u, 0x7F9458EAu};

// The phase of a float32 angle in units of 2^-64 turns, for any finite angle of at least 2^-1
// radians (Payne and Hanek 1983): the bits of 1/2π that whole turns come from are never multiplied.
__device__ inline unsigned long long turns_of_radians(float radians) {
  unsigned bits = __float_as_uint(radians);
  unsigned long long significand = (bits & 0x7FFFFF) | 0x800000;
  // radians = significand · 2^exponent; window is the first needed bit of `reciprocal`.
  int exponent = (int)(bits >> 23 & 0xFF) - 150;
  unsigned window = (unsigned)(exponent + 32);
  unsigned word = window >> 5, shift = window & 31;
  unsigned w[3];
  for (int i = 0; i < 3; i++) {
    unsigned upper = reciprocal[word + i], lower = reciprocal[word + i + 1];
    w[i] = shift ? upper << shift | lower >> (32 - shift) : upper;
  }
  unsigned long long turns = (significand * w[0] << 32) + significand * w[1] + (significand * w[2] >> 32);
  return bits >> 31 ? 0 - turns : turns;
}

// Cosine and sine of the float32 angle fl32(fl32(position) · frequency), which is taken as exact.
__device__ inline CosSin cos_sin_of_product(long long position, float frequency) {
  // A plain product could be contracted into a later addition and would not be rounded.
  float radians = __fmul_rn((float)position, frequency);
  return fabsf(radians) < 0.75f ? cos_sin(radians, 0.0f, 0) : cos_sin_of_turns(turns_of_radians(radians));
}

__device__ inline float load_scalar(const void *values, int type, long long index) {
  if (type == ROPE_ELEMENT_FLOAT32) return Float32::load(((const float *)values)[index]);
  unsigned short bits = ((const unsigned short *)values)[index];
  return type == ROPE_ELEMENT_FLOAT16 ? Float16::load(bits) : BFloat16::load(bits);
}

// The cosine and sine of one token and pair, with the attention factor where the table has it not.
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
  long long position = arguments.positions[axis * arguments.batch * arguments.sequence + token];
  if (arguments.contract == ROPE_CONTRACT_FREQUENCY) {
    angle = cos_sin_of_product(position, arguments.inverse_frequencies[pair]);
  } else {
    // Whole turns fall out of the 64 bits, so the phase is exact up to position · 2^-65 turns.
    angle = cos_sin_of_turns((unsigned long long)position * arguments.phase_steps[pair]);
  }
  angle.cosine *= arguments.attention_factor;
  angle.sine *= arguments.attention_factor;
  return angle;
}

// MARK: - Rotation

struct Rotated {
  float first, second;
};

__device__ inline Rotated rotate(float first, float second, float cosine, float sine) {
  Rotated result;
  result.first = fmaf(first, cosine, -(second * sine));
  result.second = fmaf(second, cosine, first * sine);
  return result;
}

// The channel of a pair's first or second element, from the rotary offset.
__device__ inline int channel_of(int pairing, int pair, int pairs, int second) {
  return pairing == ROPE_PAIRING_HALF ? pair + second * pairs : 2 * pair + second;
}

__device__ inline long long input_channel(const RopeArguments &arguments, int pair, int second) {
  if (arguments.channels) return arguments.channels[4 * pair + second];
  return arguments.rotary_offset +
         channel_of(arguments.input_pairing, pair, arguments.rotary_dimension / 2, second);
}

__device__ inline long long output_channel(const RopeArguments &arguments, int pair, int second) {
  if (arguments.channels) return arguments.channels[4 * pair + 2 + second];
  return arguments.rotary_offset +
         channel_of(arguments.output_pairing, pair, arguments.rotary_dimension / 2, second);
}

// The channel with that index among those that no pair writes.
__device__ inline long long passed_channel(const RopeArguments &arguments, int index) {
  if (arguments.channels) return arguments.channels[2 * arguments.rotary_dimension + index];
  return index < arguments.rotary_offset ? index : index + arguments.rotary_dimension;
}

#ifndef ROPE_ON_HOST
__device__ inline void split_group(uint4 group, unsigned *words) {
  words[0] = group.x, words[1] = group.y, words[2] = group.z, words[3] = group.w;
}
__device__ inline void join_group(const unsigned *words, uint4 &group) {
  group = uint4{words[0], words[1], words[2], words[3]};
}
__device__ inline void store_group(void *address, uint4 group) { *(uint4 *)address = group; }
// Other waves hide the latency of memory.
__device__ inline void prefetch_after(const void *) {}
#endif

// The element at which a token begins.
__device__ inline long long offset(const RopeStrides &strides, long long row, long long column) {
  return row * strides.batch + column * strides.sequence;
}

// Where the two groups of an item begin, in channels of their head.
struct GroupPair {
  int low, high;
};

// What a thread takes in turns where accesses are wide: items of two groups, which hold as many pairs as one group has
// elements, or which only pass through. The items of a head begin with those that rotate; the heads are those of Q,
// then those of K, as far as they are wide.
//
// `Group` is what one access reads or writes: 16 bytes of elements, on the host also more.
template <typename Element, typename Group> struct WideItem {
  typedef typename Element::Storage Storage;
  // Elements of a group, and its words of 32 bits.
  enum { group = sizeof(Group) / sizeof(Storage), words = sizeof(Group) / sizeof(unsigned) };

  const RopeArguments &arguments;
  // The token's channels.
  const Storage *query_input, *key_input;
  Storage *query_output, *key_output;
  int query_heads, heads;
  // Items of a head that rotate, and of all.
  int rotated, count;
  int head, part, head_step, part_step;
  // The head's channels.
  const Storage *input;
  Storage *output;
  // The groups.
  Group low, high;

  __device__ WideItem(const RopeArguments &arguments, long long row, long long column, unsigned first)
      : arguments(arguments), low(), high() {
    const RopeTensor &query = arguments.query, &key = arguments.key;
    query_input = (const Storage *)query.input + offset(query.input_strides, row, column);
    query_output = (Storage *)query.output + offset(query.output_strides, row, column);
    key_input = (const Storage *)key.input + offset(key.input_strides, row, column);
    key_output = (Storage *)key.output + offset(key.output_strides, row, column);
    query_heads = query.heads;
    heads = query.heads + key.heads;
    rotated = arguments.rotary_dimension / (2 * group);
    // In place there is nothing to pass. Where that is so for Q or K alone, its channels are copied onto themselves.
    bool passes = query.input != query.output || key.input != key.output;
    count = rotated;
    if (passes) count += (arguments.head_dimension - arguments.rotary_dimension + 2 * group - 1) / (2 * group);
    // In place and without RoPE there is no item at all.
    if (count == 0) heads = 0, count = 1;
    head = first / count;
    part = first - head * count;
    find_head();
  }

  // Says how many items further the thread's next one is.
  __device__ void set_step(unsigned step) {
    head_step = step / count;
    part_step = step - head_step * count;
  }

  __device__ bool exists() const { return head < heads; }

  __device__ void find_head() {
    bool is_key = head >= query_heads;
    const RopeTensor &query = arguments.query, &key = arguments.key;
    long long index = is_key ? head - query_heads : head;
    input = (is_key ? key_input : query_input) + index * (is_key ? key.input_strides.head : query.input_strides.head);
    output =
        (is_key ? key_output : query_output) + index * (is_key ? key.output_strides.head : query.output_strides.head);
  }

  __device__ void next() {
    part += part_step;
    int carry = part >= count;
    part -= carry ? count : 0;
    if (head_step + carry == 0) return;
    head += head_step + carry;
    find_head();
  }

  __device__ bool rotates() const { return part < rotated; }

  // The groups in a tensor of a pairing, where the other one of input and output has another or the same.
  //
  // Neighbouring threads take neighbouring groups, so that a wave's access is contiguous: an item has one group of each
  // half of the channels. In half pairing those hold first and second elements; where input and output are interleaved,
  // each holds pairs of its own. Only from one pairing to the other two groups side by side are needed.
  __device__ GroupPair groups(int pairing, int other_pairing) const {
    GroupPair groups;
    if (rotates()) {
      bool is_apart = pairing == ROPE_PAIRING_HALF || pairing == other_pairing;
      groups.low = arguments.rotary_offset + (is_apart ? part : 2 * part) * group;
      groups.high = groups.low + (is_apart ? arguments.rotary_dimension / 2 : (int)group);
      return groups;
    }
    groups.low = (part - rotated) * group;
    groups.high = groups.low + (count - rotated) * group;
    // The last group may be alone; then it is copied twice.
    if (groups.high >= arguments.head_dimension - arguments.rotary_dimension) groups.high = groups.low;
    if (groups.low >= arguments.rotary_offset) groups.low += arguments.rotary_dimension;
    if (groups.high >= arguments.rotary_offset) groups.high += arguments.rotary_dimension;
    return groups;
  }

  __device__ void load(int input_pairing, int output_pairing) {
    GroupPair groups = this->groups(input_pairing, output_pairing);
    prefetch_after(input + groups.low);
    prefetch_after(input + groups.high);
    low = *(const Group *)(input + groups.low);
    high = *(const Group *)(input + groups.high);
  }

  __device__ void store(int input_pairing, int output_pairing) const {
    GroupPair groups = this->groups(output_pairing, input_pairing);
    store_group(output + groups.low, low);
    store_group(output + groups.high, high);
  }

  __device__ void rotate_pairs(int input_pairing, int output_pairing, const float *cosines, const float *sines) {
    bool half_in = input_pairing == ROPE_PAIRING_HALF, half_out = output_pairing == ROPE_PAIRING_HALF;
    // Two pairs at a time, of which the first is `pair` in the head and `i` in the item.
    unsigned in[2 * words], out[2 * words];
    split_group(low, in);
    split_group(high, in + words);
#pragma unroll
    for (int i = 0; i < group; i += 2) {
      int pair = part * group + i;
      if (!half_in && !half_out)
        pair = part * group / 2 + (i < group / 2 ? i : arguments.rotary_dimension / 4 + i - group / 2);
      float2 cosine = *(const float2 *)(cosines + pair), sine = *(const float2 *)(sines + pair);
      int first = half_in ? i : 2 * i, second = half_in ? group + i : 2 * i + 1, step = half_in ? 1 : 2;
      Rotated even = rotate(Element::unpack(in, first), Element::unpack(in, second), cosine.x, sine.x);
      Rotated odd = rotate(Element::unpack(in, first + step), Element::unpack(in, second + step), cosine.y, sine.y);
      if (half_out) {
        Element::pack(out, i, even.first, odd.first);
        Element::pack(out, group + i, even.second, odd.second);
      } else {
        Element::pack(out, 2 * i, even.first, even.second);
        Element::pack(out, 2 * i + 2, odd.first, odd.second);
      }
    }
    join_group(out, low);
    join_group(out + words, high);
  }
};

// Finishes the thread's items, of which the first is loaded.
template <int input_pairing, int output_pairing, typename Item>
__device__ inline void finish_items(Item &item, const float *cosines, const float *sines) {
  while (item.exists()) {
    if (item.rotates()) item.rotate_pairs(input_pairing, output_pairing, cosines, sines);
    item.store(input_pairing, output_pairing);
    item.next();
    if (item.exists()) item.load(input_pairing, output_pairing);
  }
}

template <typename Item>
__device__ inline void finish_items(Item &item, const float *cosines, const float *sines) {
  bool half_in = item.arguments.input_pairing == ROPE_PAIRING_HALF;
  bool half_out = item.arguments.output_pairing == ROPE_PAIRING_HALF;
  if (half_in && half_out)
    finish_items<ROPE_PAIRING_HALF, ROPE_PAIRING_HALF>(item, cosines, sines);
  else if (half_in)
    finish_items<ROPE_PAIRING_HALF, ROPE_PAIRING_INTERLEAVED>(item, cosines, sines);
  else if (half_out)
    finish_items<ROPE_PAIRING_INTERLEAVED, ROPE_PAIRING_HALF>(item, cosines, sines);
  else
    finish_items<ROPE_PAIRING_INTERLEAVED, ROPE_PAIRING_INTERLEAVED>(item, cosines, sines);
}

// The same, element by element, for any stride and alignment and any pairs.
template <typename Element>
__device__ inline void rotate_token_narrow(const RopeArguments &arguments, const RopeTensor &tensor,
                                           const typename Element::Storage *input, typename Element::Storage *output,
                                           const float *cosines, const float *sines, int block) {
  int pairs = arguments.rotary_dimension / 2;
  int passed = input == output ? 0 : arguments.head_dimension - arguments.rotary_dimension;
  int items = pairs + passed;
  long long input_stride = tensor.input_strides.channel, output_stride = tensor.output_strides.channel;
  int step = blockDim.x * arguments.blocks_per_token;
  for (int item = block * blockDim.x + threadIdx.x; item < items * tensor.heads; item += step) {
    int head = item / items, part = item % items;
    const typename Element::Storage *from = input + head * tensor.input_strides.head;
    typename Element::Storage *to = output + head * tensor.output_strides.head;
    if (part < pairs) {
      float first = Element::load(from[input_channel(arguments, part, 0) * input_stride]);
      float second = Element::load(from[input_channel(arguments, part, 1) * input_stride]);
      Rotated rotated = rotate(first, second, cosines[part], sines[part]);
      to[output_channel(arguments, part, 0) * output_stride] = Element::store(rotated.first);
      to[output_channel(arguments, part, 1) * output_stride] = Element::store(rotated.second);
    } else {
      long long channel = passed_channel(arguments, part - pairs);
      to[channel * output_stride] = from[channel * input_stride];
    }
  }
}

// In place where one pair's output is another's input: the head is rotated into shared memory first.
template <typename Element>
__device__ inline void rotate_token_staged(const RopeArguments &arguments, const RopeTensor &tensor,
                                           typename Element::Storage *values, const float *cosines, const float *sines,
                                           int block) {
  __shared__ float stage[2 * ROPE_MAXIMUM_PAIRS];
  int pairs = arguments.rotary_dimension / 2;
  long long stride = tensor.output_strides.channel;
  for (int head = block; head < tensor.heads; head += arguments.blocks_per_token) {
    typename Element::Storage *row = values + head * tensor.output_strides.head;
    for (int pair = threadIdx.x; pair < pairs; pair += blockDim.x) {
      float first = Element::load(row[input_channel(arguments, pair, 0) * stride]);
      float second = Element::load(row[input_channel(arguments, pair, 1) * stride]);
      Rotated rotated = rotate(first, second, cosines[pair], sines[pair]);
      stage[2 * pair] = rotated.first;
      stage[2 * pair + 1] = rotated.second;
    }
    __syncthreads();
    for (int item = threadIdx.x; item < 2 * pairs; item += blockDim.x)
      row[output_channel(arguments, item / 2, item % 2) * stride] = Element::store(stage[item]);
    __syncthreads();
  }
}

template <typename Element>
__device__ inline void rotate_token(const RopeArguments &arguments, const RopeTensor &tensor, long long row,
                                    long long column, const float *cosines, const float *sines, int block) {
  typedef typename Element::Storage Storage;
  const Storage *input =
      (const Storage *)tensor.input + row * tensor.input_strides.batch + column * tensor.input_strides.sequence;
  Storage *output =
      (Storage *)tensor.output + row * tensor.output_strides.batch + column * tensor.output_strides.sequence;
  if (input == output && arguments.staged)
    rotate_token_staged<Element>(arguments, tensor, output, cosines, sines, block);
  else
    rotate_token_narrow<Element>(arguments, tensor, input, output, cosines, sines, block);
}

// The cosines and sines of a token, for all threads of the block.
__device__ inline void compute_angles(const RopeArguments &arguments, long long token, float *cosines, float *sines) {
  int pairs = arguments.rotary_dimension / 2;
  for (int pair = threadIdx.x; pair < pairs; pair += blockDim.x) {
    CosSin angle = cos_sin_of_token(arguments, token, pair);
    cosines[pair] = angle.cosine;
    sines[pair] = angle.sine;
  }
  __syncthreads();
}

// What a block does: all of a token, or a part of it where the token has several blocks.
struct BlockPart {
  // `block` counts the blocks of the token.
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

// The record counts blocks that finished, not the one thread that writes it.
__device__ inline void record_block(const RopeArguments &arguments) {
  __syncthreads();
  if (threadIdx.x == 0) {
    if (blockIdx.x == 0) arguments.record->launch = arguments.launch;
    atomicAdd(&arguments.record->blocks, 1u);
  }
}

// Two kernels for each element type: what both need at different times would be more than the scalar registers of an
// AMD GPU hold. The angles are read two at a time.
template <typename Element, typename Group> __device__ inline void rotate_wide(const RopeArguments &arguments) {
  alignas(8) __shared__ float cosines[ROPE_MAXIMUM_PAIRS], sines[ROPE_MAXIMUM_PAIRS];
  BlockPart part(arguments);
  // The first groups are on their way while the angles are computed.
  WideItem<Element, Group> item(arguments, part.row, part.column, part.block * blockDim.x + threadIdx.x);
  if (item.exists()) item.load(arguments.input_pairing, arguments.output_pairing);
  item.set_step(arguments.blocks_per_token * blockDim.x);
  compute_angles(arguments, part.token, cosines, sines);
  finish_items(item, cosines, sines);
  record_block(arguments);
}

template <typename Element> __device__ inline void rotate_narrow(const RopeArguments &arguments) {
  __shared__ float cosines[ROPE_MAXIMUM_PAIRS], sines[ROPE_MAXIMUM_PAIRS];
  BlockPart part(arguments);
  compute_angles(arguments, part.token, cosines, sines);
  rotate_token<Element>(arguments, arguments.query, part.row, part.column, cosines, sines, part.block);
  rotate_token<Element>(arguments, arguments.key, part.row, part.column, cosines, sines, part.block);
  record_block(arguments);
}

#define ROPE_KERNEL(name, function)                                              \
  extern "C" __global__ void position_embeddings_##name(RopeArguments arguments) { function(arguments); }
ROPE_KERNEL(float32, rotate_narrow<Float32>)
ROPE_KERNEL(float16, rotate_narrow<Float16>)
ROPE_KERNEL(bfloat16, rotate_narrow<BFloat16>)
ROPE_KERNEL(wide_float32, (rotate_wide<Float32, uint4>))
ROPE_KERNEL(wide_float16, (rotate_wide<Float16, uint4>))
ROPE_KERNEL(wide_bfloat16, (rotate_wide<BFloat16, uint4>))

// What a launch takes that does nothing.
extern "C" __global__ void position_embeddings_nothing(RopeArguments) {}
