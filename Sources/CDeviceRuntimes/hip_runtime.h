// The functions of AMD's runtime, libamdhip64, that this package calls, from ROCm 5 on.
//
// Enumerations are ints and handles are untyped pointers, which is how they are passed.
#ifndef ROPE_HIP_RUNTIME_H
#define ROPE_HIP_RUNTIME_H

#include <stddef.h>

#include "load_functions.h"

// Values of hipPointer_attribute.
enum { ROPE_HIP_POINTER_MEMORY_TYPE = 2, ROPE_HIP_POINTER_DEVICE_ORDINAL = 9 };
// The hipMemoryType of device memory, which ROCm 6 renumbered to agree with CUDA.
enum { ROPE_HIP_MEMORY_DEVICE_5 = 1, ROPE_HIP_MEMORY_DEVICE = 2 };
// Values of hipError_t; old runtimes return the second if there is no device.
enum { ROPE_HIP_NO_DEVICE = 100, ROPE_HIP_INVALID_DEVICE = 101 };

// The offset of the architecture's name in hipDeviceProp_t: in the struct of ROCm 5, and in the one that ROCm 6 fills
// under the name hipGetDevicePropertiesR0600. Both are smaller than the buffer.
enum {
  ROPE_HIP_PROPERTIES_SIZE = 4096,
  ROPE_HIP_ARCHITECTURE_OFFSET_5 = 396,
  ROPE_HIP_ARCHITECTURE_OFFSET = 1160,
  ROPE_HIP_ARCHITECTURE_SIZE = 256
};

#define ROPE_HIP_FUNCTIONS(F)                                                                                   \
  F(hipInit, (unsigned int flags))                                                                              \
  F(hipDriverGetVersion, (int *version))                                                                        \
  F(hipRuntimeGetVersion, (int *version))                                                                       \
  F(hipGetDeviceCount, (int *count))                                                                            \
  F(hipDeviceGetName, (char *name, int size, int device))                                                       \
  F(hipDeviceTotalMem, (size_t * byte_count, int device))                                                       \
  F(hipSetDevice, (int device))                                                                                 \
  F(hipMalloc, (void **address, size_t byte_count))                                                             \
  F(hipFree, (void *address))                                                                                   \
  F(hipMemcpyHtoD, (void *target, void *source, size_t byte_count))                                             \
  F(hipMemcpyDtoH, (void *target, void *source, size_t byte_count))                                             \
  F(hipMemcpyDtoDAsync, (void *target, void *source, size_t byte_count, void *stream))                          \
  F(hipMemGetInfo, (size_t * free_byte_count, size_t * byte_count))                                             \
  F(hipMemset, (void *address, int value, size_t byte_count))                                                   \
  F(hipPointerGetAttribute, (void *value, int attribute, void *address))                                        \
  F(hipModuleLoadData, (void **module, const void *image))                                                      \
  F(hipModuleGetFunction, (void **function, void *module, const char *name))                                    \
  F(hipModuleLaunchKernel, (void *function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z,      \
                            unsigned int block_x, unsigned int block_y, unsigned int block_z,                   \
                            unsigned int shared_size, void *stream, void **parameters, void **extra))           \
  F(hipEventCreate, (void **event))                                                                             \
  F(hipEventRecord, (void *event, void *stream))                                                                \
  F(hipEventSynchronize, (void *event))                                                                         \
  F(hipEventElapsedTime, (float *milliseconds, void *start, void *end))                                         \
  F(hipEventDestroy, (void *event))

ROPE_FUNCTION_TABLE(RopeHIP, rope_load_hip, ROPE_HIP_FUNCTIONS)

// Types of the functions that are looked up one by one.
typedef const char *(*RopeHIPErrorText)(int error);
typedef int (*RopeHIPGetProperties)(void *properties, int device);

#endif
