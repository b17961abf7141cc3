// Tables of functions that are found by name at run time, so that building needs nothing of CUDA or ROCm. A table is a
// macro LIST(F) that calls F(name, parameters) for each function; every function returns an int, 0 for success.
//
// Tests/KernelSourceTests compares each table with the vendor's header.
#ifndef ROPE_LOAD_FUNCTIONS_H
#define ROPE_LOAD_FUNCTIONS_H

#include <dlfcn.h>

#define ROPE_MEMBER(name, parameters) int(*name) parameters;
#define ROPE_LOAD(name, parameters) \
  if (!(*(void **)&functions->name = dlsym(library, #name))) return #name;

// Defines the struct `type` of the functions in a list, and `load`, which finds them in a library from dlopen and
// returns the name of the first that is missing, or null.
#define ROPE_FUNCTION_TABLE(type, load, LIST)                      \
  typedef struct {                                                 \
    LIST(ROPE_MEMBER)                                              \
  } type;                                                          \
  static inline const char *load(void *library, type *functions) { \
    LIST(ROPE_LOAD)                                                \
    return 0;                                                      \
  }

#endif
