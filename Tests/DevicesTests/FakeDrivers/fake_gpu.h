// A GPU that is the CPU: the part that the fake drivers of both vendors share. They stand in for libcuda and
// libamdhip64 on a machine without a GPU, run the kernel compiled for the host, record every call, and fail on request.
//
// Like a real driver they require a context on every thread, and know which memory is theirs.
#pragma once

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

#include "host_launch.h"

namespace fake {

inline std::mutex lock;
inline std::string calls;
// The results of functions that are told to fail, and other faults by names of their own.
inline std::map<std::string, int> told;
inline std::map<char *, size_t> allocations;
inline thread_local bool has_context = false;
inline bool is_started = false;

// Reads the faults from "name=result,…".
inline void tell(const char *text) {
  told.clear();
  std::istringstream parts(text ? text : "");
  for (std::string part; std::getline(parts, part, ',');) {
    size_t equals = part.find('=');
    told[part.substr(0, equals)] = std::atoi(part.substr(equals + 1).c_str());
  }
}

inline int value(const char *name, int otherwise) {
  auto found = told.find(name);
  return found == told.end() ? otherwise : found->second;
}

// Records a call and returns the result that was set for it, or 0.
inline int call(const char *name, const std::string &detail = "") {
  calls += name + (detail.empty() ? "" : " " + detail) + "\n";
  return value(name, 0);
}

// Returns true if memory of the fake GPU holds that many bytes from an address on.
inline bool holds(const void *address, size_t count) {
  auto next = allocations.upper_bound((char *)address);
  if (next == allocations.begin()) return false;
  auto [start, size] = *--next;
  return (char *)address + count <= start + size;
}

inline void *allocate(size_t count) {
  // Poisoned, because a driver promises no contents.
  void *address = std::aligned_alloc(256, (count + 255) / 256 * 256);
  std::memset(address, 0xA5, count);
  allocations[(char *)address] = count;
  return address;
}

inline bool release(void *address) {
  if (!allocations.erase((char *)address)) return false;
  std::free(address);
  return true;
}

// A kernel's name is its handle.
inline const char *kernel(const char *name) {
  for (const char *known : {"position_embeddings_float32", "position_embeddings_wide_float32", "position_embeddings_float16",
                            "position_embeddings_wide_float16", "position_embeddings_bfloat16",
                            "position_embeddings_wide_bfloat16", "position_embeddings_nothing"})
    if (!std::strcmp(known, name)) return known;
  return nullptr;
}

// Runs a launch, or does nothing if it is told to be idle.
inline void run(void *function, unsigned blocks, void **parameters) {
  if (!std::strcmp((const char *)function, "position_embeddings_nothing")) return;
  RopeArguments arguments;
  std::memcpy(&arguments, parameters[0], sizeof arguments);
  const char *types[] = {"_float32", "_float16", "_bfloat16"};
  const char *type = types[arguments.element_type - ROPE_ELEMENT_FLOAT32];
  if (!arguments.wide != !std::strstr((const char *)function, "_wide_")) std::abort();
  if (!std::strstr((const char *)function, type)) std::abort();
  if (!value("idle", 0)) rope_host_run_blocks(&arguments, 0, blocks, 1);
}

} // namespace fake

// Functions that tests call: one sets the faults from now on, one returns the calls since the last question.
extern "C" void fake_tell(const char *text) {
  std::lock_guard guard(fake::lock);
  fake::tell(text);
}
extern "C" const char *fake_calls() {
  std::lock_guard guard(fake::lock);
  static std::string asked;
  asked = std::move(fake::calls);
  fake::calls.clear();
  return asked.c_str();
}
extern "C" int fake_allocation_count() {
  std::lock_guard guard(fake::lock);
  return (int)fake::allocations.size();
}

// Opens a fake function: one runs at a time, is recorded, and fails if it is told to.
#define FAKE_CALL(...)                                        \
  std::lock_guard guard(fake::lock);                          \
  if (int result = fake::call(__func__, ##__VA_ARGS__)) return result
