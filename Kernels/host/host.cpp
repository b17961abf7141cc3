// The kernel compiled for the CPU: blocks dealt out by the caller, usually of one thread.
#include "block_threads.h"

#include "../position_embeddings.hip"
#include "host_launch.h"

// Whether the outputs are tensors of their own that no cache holds.
static bool is_beyond_caches(const RopeArguments &arguments) {
  if (arguments.query.input == arguments.query.output || arguments.key.input == arguments.key.output) return false;
  double tokens = (double)arguments.batch * arguments.sequence;
  double channels = ((double)arguments.query.heads + arguments.key.heads) * arguments.head_dimension;
  return tokens * channels * (arguments.element_type == ROPE_FLOAT32 ? 4 : 2) >= 32 << 20;
}

static BlockThreads::Kernel kernel_for(const RopeArguments &arguments) {
  switch (arguments.element_type) {
  case ROPE_FLOAT32: return arguments.wide ? position_embeddings_wide_float32 : position_embeddings_float32;
  case ROPE_FLOAT16: return arguments.wide ? position_embeddings_wide_float16 : position_embeddings_float16;
  default: return arguments.wide ? position_embeddings_wide_bfloat16 : position_embeddings_bfloat16;
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
