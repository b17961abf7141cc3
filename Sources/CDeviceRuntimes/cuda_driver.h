// The functions of NVIDIA's driver, libcuda, that this package calls.
//
// Enumerations are ints and handles are untyped pointers, which is how they are passed. A function with _v2 in its name
// is the one that cuda.h has used for the plain name since CUDA 4.
#ifndef ROPE_CUDA_DRIVER_H
#define ROPE_CUDA_DRIVER_H

#include <stddef.h>

#include "load_functions.h"

// Values of CUdevice_attribute.
enum { ROPE_CUDA_COMPUTE_CAPABILITY_MAJOR = 75, ROPE_CUDA_COMPUTE_CAPABILITY_MINOR = 76 };
// Values of CUpointer_attribute, and the CUmemorytype of device memory.
enum { ROPE_CUDA_POINTER_MEMORY_TYPE = 2, ROPE_CUDA_POINTER_DEVICE_ORDINAL = 9, ROPE_CUDA_MEMORY_DEVICE = 2 };
// Values of CUjit_option.
enum { ROPE_CUDA_JIT_ERROR_LOG = 5, ROPE_CUDA_JIT_ERROR_LOG_SIZE = 6 };
// Values of CUresult.
enum { ROPE_CUDA_NO_DEVICE = 100 };

#define ROPE_CUDA_FUNCTIONS(F)                                                                                   \
  F(cuInit, (unsigned int flags))                                                                                \
  F(cuDriverGetVersion, (int *version))                                                                          \
  F(cuGetErrorName, (int result, const char **name))                                                             \
  F(cuGetErrorString, (int result, const char **text))                                                           \
  F(cuDeviceGetCount, (int *count))                                                                              \
  F(cuDeviceGet, (int *device, int index))                                                                       \
  F(cuDeviceGetName, (char *name, int size, int device))                                                         \
  F(cuDeviceGetAttribute, (int *value, int attribute, int device))                                               \
  F(cuDeviceTotalMem_v2, (size_t * byte_count, int device))                                                      \
  F(cuDevicePrimaryCtxRetain, (void **context, int device))                                                      \
  F(cuDevicePrimaryCtxRelease_v2, (int device))                                                                  \
  F(cuCtxSetCurrent, (void *context))                                                                            \
  F(cuMemAlloc_v2, (unsigned long long *address, size_t byte_count))                                             \
  F(cuMemFree_v2, (unsigned long long address))                                                                  \
  F(cuMemcpyHtoD_v2, (unsigned long long target, const void *source, size_t byte_count))                         \
  F(cuMemcpyDtoH_v2, (void *target, unsigned long long source, size_t byte_count))                               \
  F(cuMemcpyDtoDAsync_v2,                                                                                         \
    (unsigned long long target, unsigned long long source, size_t byte_count, void *stream))                      \
  F(cuMemGetInfo_v2, (size_t * free_byte_count, size_t * byte_count))                                            \
  F(cuMemsetD8_v2, (unsigned long long address, unsigned char value, size_t byte_count))                         \
  F(cuPointerGetAttribute, (void *value, int attribute, unsigned long long address))                             \
  F(cuModuleLoadDataEx, (void **module, const void *image, unsigned int count, int *options, void **values))     \
  F(cuModuleGetFunction, (void **function, void *module, const char *name))                                      \
  F(cuLaunchKernel, (void *function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z,              \
                     unsigned int block_x, unsigned int block_y, unsigned int block_z, unsigned int shared_size, \
                     void *stream, void **parameters, void **extra))                                             \
  F(cuEventCreate, (void **event, unsigned int flags))                                                           \
  F(cuEventRecord, (void *event, void *stream))                                                                  \
  F(cuEventSynchronize, (void *event))                                                                           \
  F(cuEventElapsedTime, (float *milliseconds, void *start, void *end))                                           \
  F(cuEventDestroy_v2, (void *event))

ROPE_FUNCTION_TABLE(RopeCUDA, rope_load_cuda, ROPE_CUDA_FUNCTIONS)

#endif
