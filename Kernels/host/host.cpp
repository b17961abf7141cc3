// The kernel compiled for the CPU: one thread per block, blocks dealt out by the caller.
#include "hip_on_host.h"

#include "../position_embeddings.hip"
#include "host_launch.h"

void rope_host_run_blocks(const RopeArguments *arguments, unsigned first, unsigned end, unsigned) {
  for (unsigned block = first; block < end; block++) {
    blockIdx.x = block;
    switch (arguments->element_type) {
    case ROPE_FLOAT32: position_embeddings_float32(*arguments); break;
    case ROPE_FLOAT16: position_embeddings_float16(*arguments); break;
    default: position_embeddings_bfloat16(*arguments); break;
    }
  }
}
