// Rotary position embedding of Q and K in one launch, or of one of them, whose tokens the other does not share.
//
// One block rotates all heads of one token, or several blocks share them if there are few tokens. A block computes
// the token's cosines and sines once, into shared memory, and then applies them to its part of the query and key heads.
// The result depends neither on the block size, nor the wave size, nor the number of blocks of a token: each thread steps
// by the number of threads, and no values pass between threads by shuffles.
//
// Read block.h first: a block's token, its cosines and sines, and the rotation of one pair. Then simple.h, which rotates
// any tensor, and angles.h, which has the numerics. wide.h does the same as simple.h for tensors that can be read 16
// bytes at a time, which most can. The host (Sources/Devices/Launch) chooses between them and sets `staged` and
// `blocks_per_token`; the grid has batch · sequence · blocks_per_token blocks.
//
// hipcc, hiprtc and NVRTC compile this file as it is. So does a C++ compiler, to which a small header supplies
// __global__, threadIdx and so on.
#if defined(__HIP__) && !defined(__HIPCC_RTC__)
// hipcc does not know threadIdx and uint4 by itself. The run-time compilers do, and have no headers.
#include <hip/hip_runtime.h>
#endif

#include "position_embeddings.h"
#include "simple.h"
#include "wide.h"

#define ROPE_KERNEL(name, function) \
  extern "C" __global__ void position_embeddings_##name(RopeArguments arguments) { function(arguments); }

// Two kernels for each element type: one that did both would need more scalar registers than an AMD GPU has.
ROPE_KERNEL(float32, rotate_simple<Float32>)
ROPE_KERNEL(float16, rotate_simple<Float16>)
ROPE_KERNEL(bfloat16, rotate_simple<BFloat16>)
ROPE_KERNEL(wide_float32, (rotate_wide<Float32, Access16>))
ROPE_KERNEL(wide_float16, (rotate_wide<Float16, Access16>))
ROPE_KERNEL(wide_bfloat16, (rotate_wide<BFloat16, Access16>))

// Does nothing, so its time is that of a launch alone.
extern "C" __global__ void position_embeddings_nothing(RopeArguments) {}
