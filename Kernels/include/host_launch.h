// Runs the kernel on the CPU.
#ifndef ROPE_HOST_LAUNCH_H
#define ROPE_HOST_LAUNCH_H

#include "position_embeddings.h"

#ifdef __cplusplus
extern "C" {
#endif

// Runs the blocks first ..< end of one launch on the calling thread. Several threads may run
// different blocks of the same launch at once. block_size is at least 1; 1 is the fastest by far.
void rope_host_run_blocks(const RopeArguments *arguments, unsigned first, unsigned end, unsigned block_size);

// The number of bytes of elements that the launch reads and writes at once; 0 if it takes elements one by one.
int rope_host_group_bytes(const RopeArguments *arguments);

// The name and version that the compiler of the kernel reports.
const char *rope_host_compiler(void);

#ifdef __cplusplus
}
#endif

#endif
