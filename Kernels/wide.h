// The wide kernel: 16 bytes at a time, for tensors whose heads and rotary slice begin at multiples of 16 bytes.
//
// A launch is limited by memory, so this kernel is about its accesses. Neighbouring threads take neighbouring groups of
// 16 bytes, every group is read and written once, and a thread's first groups are on their way while the block computes
// its angles.
#ifndef ROPE_WIDE_H
#define ROPE_WIDE_H

#include "block.h"

// Memory as this kernel sees it: in groups of 16 bytes, the most that a GPU's thread moves at once.
// host/cache_lines.h has another access for the CPU.
struct Access16 {
  typedef uint4 Group;
  __device__ static void load(const void *address, Group &group) { group = *(const Group *)address; }
  __device__ static void store(void *address, Group group) { *(Group *)address = group; }
  // A group as words of 32 bits.
  __device__ static void split(Group group, unsigned *words) {
    words[0] = group.x, words[1] = group.y, words[2] = group.z, words[3] = group.w;
  }
  __device__ static void join(const unsigned *words, Group &group) {
    group = Group{words[0], words[1], words[2], words[3]};
  }
};

// The item that a thread works on, and the way to its next one.
//
// An item is two groups of one head. Either both rotate, and hold as many pairs as one group has elements, or both are
// copied. Items are numbered: in a head those that rotate come first, and the heads of Q come before those of K.
template <typename Element, typename Access> struct WideItem {
  // The first channels of the item's two groups.
  struct GroupPair {
    int low, high;
  };
  typedef typename Element::Storage Storage;
  typedef typename Access::Group Group;
  // The number of elements in a group, and of its 32-bit words.
  enum { group = sizeof(Group) / sizeof(Storage), words = sizeof(Group) / sizeof(unsigned) };

  const RopeArguments &arguments;
  // Where the token begins.
  const Storage *query_input, *key_input;
  Storage *query_output, *key_output;
  int query_heads, heads;
  // The number of items of a head that rotate, and of all its items.
  int rotated, count;
  // The item: its head, and its number in the head. The steps lead to the thread's next item.
  int head, index, head_step, index_step;
  // Where the head begins.
  const Storage *input;
  Storage *output;
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
    // In place nothing is copied. If only one of Q and K is in place, its channels are copied onto themselves.
    bool copies = query.input != query.output || key.input != key.output;
    count = rotated;
    if (copies) count += (arguments.head_dimension - arguments.rotary_dimension + 2 * group - 1) / (2 * group);
    // In place and without RoPE there is no item.
    if (count == 0) heads = 0, count = 1;
    head = first / count;
    index = first - head * count;
    find_head();
  }

  // Sets how many items further the thread's next one is.
  __device__ void set_step(unsigned step) {
    head_step = step / count;
    index_step = step - head_step * count;
  }

  __device__ bool exists() const { return head < heads; }

  __device__ void find_head() {
    bool is_key = head >= query_heads;
    const RopeTensor &query = arguments.query, &key = arguments.key;
    long long number = is_key ? head - query_heads : head;
    input = (is_key ? key_input : query_input) + number * (is_key ? key.input_strides.head : query.input_strides.head);
    output =
        (is_key ? key_output : query_output) + number * (is_key ? key.output_strides.head : query.output_strides.head);
  }

  __device__ void next() {
    // (head, index) is a number of two digits in base `count`: adding the step needs a carry, and no division.
    index += index_step;
    int carry = index >= count;
    index -= carry ? count : 0;
    if (head_step + carry == 0) return;
    head += head_step + carry;
    find_head();
  }

  __device__ bool rotates() const { return index < rotated; }

  // The item's two groups in the input or in the output. `pairing` is the pairing of that tensor, `other_pairing` that of
  // the opposite one: (input, output) to load, (output, input) to store.
  //
  // Usually an item has one group of each half of the rotary channels, so that neighbouring threads take neighbouring
  // groups and a wave's access is contiguous. In half pairing one group holds first elements and the other their second
  // elements. If both tensors are interleaved, each group holds whole pairs. If exactly one is interleaved, its two
  // groups are adjacent, because they hold the pairs of both groups of the other.
  __device__ GroupPair groups(int pairing, int other_pairing) const {
    GroupPair groups;
    if (rotates()) {
      bool is_apart = pairing == ROPE_PAIRING_HALF || pairing == other_pairing;
      groups.low = arguments.rotary_offset + (is_apart ? index : 2 * index) * group;
      groups.high = groups.low + (is_apart ? arguments.rotary_dimension / 2 : (int)group);
      return groups;
    }
    groups.low = (index - rotated) * group;
    groups.high = groups.low + (count - rotated) * group;
    // If the number of copied groups is odd, the last item has only one, which is copied twice.
    if (groups.high >= arguments.head_dimension - arguments.rotary_dimension) groups.high = groups.low;
    if (groups.low >= arguments.rotary_offset) groups.low += arguments.rotary_dimension;
    if (groups.high >= arguments.rotary_offset) groups.high += arguments.rotary_dimension;
    return groups;
  }

  __device__ void load(int input_pairing, int output_pairing) {
    GroupPair groups = this->groups(input_pairing, output_pairing);
    Access::load(input + groups.low, low);
    Access::load(input + groups.high, high);
  }

  __device__ void store(int input_pairing, int output_pairing) const {
    GroupPair groups = this->groups(output_pairing, input_pairing);
    Access::store(output + groups.low, low);
    Access::store(output + groups.high, high);
  }

  __device__ void rotate_pairs(int input_pairing, int output_pairing, const float *cosines, const float *sines) {
    bool half_in = input_pairing == ROPE_PAIRING_HALF, half_out = output_pairing == ROPE_PAIRING_HALF;
    // Two pairs at a time. The first has the number `pair` in the head and `i` in the item.
    unsigned in[2 * words], out[2 * words];
    Access::split(low, in);
    Access::split(high, in + words);
#pragma unroll
    for (int i = 0; i < group; i += 2) {
      int pair = index * group + i;
      // Each group holds half as many pairs then, and the second group's pairs begin a quarter of R later.
      if (!half_in && !half_out)
        pair = index * group / 2 + (i < group / 2 ? i : arguments.rotary_dimension / 4 + i - group / 2);
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
    Access::join(out, low);
    Access::join(out + words, high);
  }
};

// Rotates and stores the thread's items. The first one is loaded already.
template <int input_pairing, int output_pairing, typename Item>
__device__ inline void finish_items(Item &item, const float *cosines, const float *sines) {
  while (item.exists()) {
    if (item.rotates()) item.rotate_pairs(input_pairing, output_pairing, cosines, sines);
    item.store(input_pairing, output_pairing);
    item.next();
    if (item.exists()) item.load(input_pairing, output_pairing);
  }
}

// The same for the pairings of the launch, which are constants in each of the four loops.
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

template <typename Element, typename Access> __device__ inline void rotate_wide(const RopeArguments &arguments) {
  // Aligned, because the angles are read two at a time.
  alignas(8) __shared__ float cosines[ROPE_MAXIMUM_PAIRS], sines[ROPE_MAXIMUM_PAIRS];
  BlockPart part(arguments);
  // The first groups are on their way while the angles are computed.
  WideItem<Element, Access> item(arguments, part.row, part.column, part.block * blockDim.x + threadIdx.x);
  if (item.exists()) item.load(arguments.input_pairing, arguments.output_pairing);
  item.set_step(arguments.blocks_per_token * blockDim.x);
  compute_angles(arguments, part.token, cosines, sines);
  finish_items(item, cosines, sines);
  record_block(arguments);
}

#endif
