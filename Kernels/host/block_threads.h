// The threads of one block, taking turns on one thread of the CPU.
//
// Each runs until it waits for its block or ends, then it is the next one's turn. So they share their
// worker's memory, and what a missing __syncthreads does is the same every time.
#pragma once

#ifdef __APPLE__
// Before any other header: the size of ucontext_t depends on it there. The functions are declared
// deprecated, and nothing replaces them.
#define _XOPEN_SOURCE 700
#define _DARWIN_C_SOURCE
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#endif
#include <ucontext.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "../include/position_embeddings.h"
#include "hip_on_host.h"

class BlockThreads {
public:
  typedef void (*Kernel)(RopeArguments);

  explicit BlockThreads(unsigned count) {
    blockDim.x = count;
    if (count == 1) return;
    threads.resize(count);
    stacks.reset(new char[count * stack_bytes]);
  }
  ~BlockThreads() { blockDim.x = 1; }

  // Runs one block.
  void run(Kernel kernel, const RopeArguments &arguments) {
    if (threads.empty()) return kernel(arguments);
    this->kernel = kernel;
    this->arguments = &arguments;
    ended = 0;
    current = this;
    for (size_t index = 0; index < threads.size(); index++) {
      getcontext(&threads[index]);
      threads[index].uc_stack.ss_sp = stacks.get() + index * stack_bytes;
      threads[index].uc_stack.ss_size = stack_bytes;
      threads[index].uc_link = &worker;
      makecontext(&threads[index], run_thread, 0);
    }
    // One turn of every thread takes the block from one barrier to the next. Odd blocks take turns
    // backwards, because one order can hide that a barrier is missing.
    unsigned last = (unsigned)threads.size() - 1;
    while (ended == 0) {
      for (unsigned turn = 0; turn <= last; turn++) {
        threadIdx.x = blockIdx.x % 2 ? last - turn : turn;
        swapcontext(&worker, &threads[threadIdx.x]);
      }
    }
    threadIdx.x = 0;
    if (ended == threads.size()) return;
    std::fprintf(stderr, "block %u: not every thread reached the same __syncthreads\n", blockIdx.x);
    std::abort();
  }

  static void wait() { swapcontext(&current->threads[threadIdx.x], &current->worker); }

private:
  static void run_thread() {
    current->kernel(*current->arguments);
    current->ended++;
  }

  // The kernel's variables take a few hundred bytes.
  static constexpr size_t stack_bytes = 64 << 10;
  static inline thread_local BlockThreads *current = nullptr;

  std::vector<ucontext_t> threads;
  std::unique_ptr<char[]> stacks;
  ucontext_t worker;
  Kernel kernel = nullptr;
  const RopeArguments *arguments = nullptr;
  // Threads that have returned from the kernel.
  size_t ended = 0;
};

void wait_for_block() { BlockThreads::wait(); }
