// The kernel compiled for the CPU: blocks dealt out by the caller, usually of one thread.
#include "block_threads.h"

#include "../position_embeddings.hip"
#include "host_launch.h"

void rope_host_run_blocks(const RopeArguments *arguments, unsigned first, unsigned end, unsigned block_size) {
  BlockThreads threads(block_size);
  for (unsigned block = first; block < end; block++) {
    blockIdx.x = block;
    switch (arguments->element_type) {
    case ROPE_FLOAT32: threads.run(position_embeddings_float32, *arguments); break;
    case ROPE_FLOAT16: threads.run(position_embeddings_float16, *arguments); break;
    default: threads.run(position_embeddings_bfloat16, *arguments); break;
    }
  }
}
