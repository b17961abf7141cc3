// The kernel compiled for the CPU: blocks dealt out by the caller, usually of one thread.
#include "block_threads.h"

#include "../position_embeddings.hip"
#include "cache_lines.h"
#include "host_launch.h"

// Element types, contracts and pairings have the same names and numbers in the kernel and in plug-ins. The header is in
// a namespace so that they do not collide; what it includes comes before.
#include <stddef.h>
#include <stdint.h>
namespace plugin {
#include "../../Sources/CRoPEBackend/include/rope_backend.h"
}
#define SAME_NUMBER(name) \
  static_assert((int)::name == (int)plugin::name, #name " differs between position_embeddings.h and rope_backend.h")
SAME_NUMBER(ROPE_ELEMENT_FLOAT32);
SAME_NUMBER(ROPE_ELEMENT_FLOAT16);
SAME_NUMBER(ROPE_ELEMENT_BFLOAT16);
SAME_NUMBER(ROPE_CONTRACT_NONE);
SAME_NUMBER(ROPE_CONTRACT_TABLE);
SAME_NUMBER(ROPE_CONTRACT_FREQUENCY);
SAME_NUMBER(ROPE_CONTRACT_POSITION);
SAME_NUMBER(ROPE_PAIRING_OTHER);
SAME_NUMBER(ROPE_PAIRING_HALF);
SAME_NUMBER(ROPE_PAIRING_INTERLEAVED);

// The wide kernels again, a line of the cache at a time.
ROPE_KERNEL(lines_float32, (rotate_wide<Float32, LineAccess>))
ROPE_KERNEL(lines_float16, (rotate_wide<Float16, LineAccess>))
ROPE_KERNEL(lines_bfloat16, (rotate_wide<BFloat16, LineAccess>))

int rope_host_group_bytes(const RopeArguments *arguments) {
  return is_in_lines(*arguments) ? sizeof(Line) : arguments->wide ? sizeof(uint4) : 0;
}

static BlockThreads::Kernel kernel_for(const RopeArguments &arguments) {
  int bytes = rope_host_group_bytes(&arguments);
  auto of_width = [bytes](BlockThreads::Kernel narrow, BlockThreads::Kernel wide, BlockThreads::Kernel lines) {
    return bytes == sizeof(Line) ? lines : bytes ? wide : narrow;
  };
  switch (arguments.element_type) {
  case ROPE_ELEMENT_FLOAT32:
    return of_width(position_embeddings_float32, position_embeddings_wide_float32, position_embeddings_lines_float32);
  case ROPE_ELEMENT_FLOAT16:
    return of_width(position_embeddings_float16, position_embeddings_wide_float16, position_embeddings_lines_float16);
  default:
    return of_width(
        position_embeddings_bfloat16, position_embeddings_wide_bfloat16, position_embeddings_lines_bfloat16);
  }
}

const char *rope_host_compiler() { return __VERSION__; }

void rope_host_run_blocks(const RopeArguments *arguments, unsigned first, unsigned end, unsigned block_size) {
  stores_past_caches = is_beyond_caches(*arguments);
  BlockThreads threads(block_size);
  BlockThreads::Kernel kernel = kernel_for(*arguments);
  for (unsigned block = first; block < end; block++) {
    blockIdx.x = block;
    threads.run(kernel, *arguments);
  }
#ifdef __SSE2__
  // Such stores are seen by others in no order until then.
  if (stores_past_caches) __builtin_ia32_sfence();
#endif
}
