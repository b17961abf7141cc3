// The functions that this package calls of the run-time compilers NVRTC and hiprtc, which differ only in their names.
#ifndef ROPE_RUN_TIME_COMPILER_H
#define ROPE_RUN_TIME_COMPILER_H

#include <stddef.h>

#include "load_functions.h"

// F(member, name in NVRTC, name in hiprtc, parameters)
#define ROPE_COMPILER_FUNCTIONS(F)                                                                           \
  F(version, nvrtcVersion, hiprtcVersion, (int *major, int *minor))                                          \
  F(create, nvrtcCreateProgram, hiprtcCreateProgram,                                                         \
    (void **program, const char *source, const char *name, int header_count, const char *const *headers,     \
     const char *const *names))                                                                              \
  F(compile, nvrtcCompileProgram, hiprtcCompileProgram,                                                      \
    (void *program, int option_count, const char *const *options))                                           \
  F(log_size, nvrtcGetProgramLogSize, hiprtcGetProgramLogSize, (void *program, size_t *size))                \
  F(log, nvrtcGetProgramLog, hiprtcGetProgramLog, (void *program, char *log))                                \
  F(code_size, nvrtcGetPTXSize, hiprtcGetCodeSize, (void *program, size_t *size))                            \
  F(code, nvrtcGetPTX, hiprtcGetCode, (void *program, char *code))

#define ROPE_COMPILER_MEMBER(member, nvrtc, hiprtc, parameters) int(*member) parameters;
typedef struct {
  ROPE_COMPILER_FUNCTIONS(ROPE_COMPILER_MEMBER)
} RopeCompiler;

#define ROPE_COMPILER_LOAD(member, nvrtc, hiprtc, parameters) \
  name = is_hip ? #hiprtc : #nvrtc;                           \
  if (!(*(void **)&functions->member = dlsym(library, name))) return name;

// Finds the functions in a library from dlopen; returns the name of the first that is missing, or null.
static inline const char *rope_load_compiler(void *library, int is_hip, RopeCompiler *functions) {
  const char *name;
  ROPE_COMPILER_FUNCTIONS(ROPE_COMPILER_LOAD)
  return 0;
}

#endif
