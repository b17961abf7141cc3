// A libcuda.so.1 whose GPU is the CPU; see fake_gpu.h.
#include "fake_gpu.h"

// The results of CUDA that this file returns.
enum { INVALID_VALUE = 1, NOT_INITIALIZED = 3, INVALID_CONTEXT = 201, NOT_FOUND = 500 };

#define NEEDS_CONTEXT \
  if (!fake::has_context) return INVALID_CONTEXT

extern "C" {

int cuInit(unsigned) {
  std::lock_guard guard(fake::lock);
  // The environment tells a whole program its faults.
  if (const char *text = std::getenv("FAKE_GPU")) fake::tell(text);
  fake::is_started = true;
  return fake::call("cuInit");
}
// NVRTC asks for a cache of the driver's, and works without it.
int cuGetExportTable(const void **, const void *) { return NOT_FOUND; }
int cuDriverGetVersion(int *version) {
  FAKE_CALL();
  *version = 12090;
  return 0;
}
int cuGetErrorName(int result, const char **name) {
  if (result > 999) return INVALID_VALUE;
  *name = "CUDA_ERROR_FAKE";
  return 0;
}
int cuGetErrorString(int result, const char **text) {
  if (result > 999) return INVALID_VALUE;
  *text = "it was told to fail";
  return 0;
}
int cuDeviceGetCount(int *count) {
  FAKE_CALL();
  if (!fake::is_started) return NOT_INITIALIZED;
  *count = fake::value("count", 2);
  return 0;
}
int cuDeviceGet(int *device, int index) {
  FAKE_CALL();
  *device = index;
  return 0;
}
int cuDeviceGetName(char *name, int size, int device) {
  FAKE_CALL();
  std::strncpy(name, device ? "Second Fake GPU" : "Fake GPU", size);
  return 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int) {
  FAKE_CALL();
  if (attribute != 75 && attribute != 76) return INVALID_VALUE;
  *value = attribute == 75 ? fake::value("major", 9) : 0;
  return 0;
}
int cuDeviceTotalMem_v2(size_t *count, int) {
  FAKE_CALL();
  *count = (size_t)1 << 30;
  return 0;
}
int cuDevicePrimaryCtxRetain(void **context, int device) {
  FAKE_CALL();
  static int contexts[2];
  contexts[device] = device;
  *context = &contexts[device];
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int) {
  FAKE_CALL();
  return 0;
}
int cuCtxSetCurrent(void *context) {
  std::lock_guard guard(fake::lock);
  fake::has_context = context;
  return fake::value("cuCtxSetCurrent", 0);
}
int cuMemAlloc_v2(unsigned long long *address, size_t count) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  *address = (unsigned long long)fake::allocate(count);
  return 0;
}
int cuMemFree_v2(unsigned long long address) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  return fake::release((void *)address) ? 0 : INVALID_VALUE;
}
int cuMemcpyHtoD_v2(unsigned long long target, const void *source, size_t count) {
  FAKE_CALL(std::to_string(count));
  NEEDS_CONTEXT;
  if (!fake::holds((void *)target, count)) return INVALID_VALUE;
  std::memcpy((void *)target, source, count);
  return 0;
}
int cuMemcpyDtoH_v2(void *target, unsigned long long source, size_t count) {
  FAKE_CALL(std::to_string(count));
  NEEDS_CONTEXT;
  if (!fake::holds((void *)source, count)) return INVALID_VALUE;
  std::memcpy(target, (void *)source, count);
  return 0;
}
int cuMemcpyDtoDAsync_v2(unsigned long long target, unsigned long long source, size_t count, void *) {
  FAKE_CALL(std::to_string(count));
  NEEDS_CONTEXT;
  if (!fake::holds((void *)target, count) || !fake::holds((void *)source, count)) return INVALID_VALUE;
  std::memcpy((void *)target, (void *)source, count);
  return 0;
}
int cuMemGetInfo_v2(size_t *free, size_t *total) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  *free = (size_t)1 << 29;
  *total = (size_t)1 << 30;
  return 0;
}
int cuMemsetD8_v2(unsigned long long address, unsigned char value, size_t count) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  if (!fake::holds((void *)address, count)) return INVALID_VALUE;
  std::memset((void *)address, value, count);
  return 0;
}
int cuPointerGetAttribute(void *value, int attribute, unsigned long long address) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  if (!fake::holds((void *)address, 1)) return INVALID_VALUE;
  *(int *)value = attribute == 2 ? fake::value("memory type", 2) : fake::value("ordinal", 0);
  return 0;
}
int cuModuleLoadDataEx(void **module, const void *image, unsigned count, int *options, void **values) {
  NEEDS_CONTEXT;
  // Accepts only PTX, with the options that this package passes.
  if (!std::strstr((const char *)image, ".entry position_embeddings_float32(")) return NOT_FOUND;
  if (count != 2 || options[0] != 5 || options[1] != 6) return INVALID_VALUE;
  std::strncpy((char *)values[0], "the translator's own words", (size_t)values[1]);
  FAKE_CALL();
  *module = (void *)"module";
  return 0;
}
int cuModuleGetFunction(void **function, void *, const char *name) {
  FAKE_CALL(name);
  NEEDS_CONTEXT;
  *function = (void *)fake::kernel(name);
  return *function ? 0 : NOT_FOUND;
}
int cuLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned shared_size, void *stream, void **parameters, void **extra) {
  FAKE_CALL(std::string((const char *)function) + " " + std::to_string(x) + " × " + std::to_string(block_x));
  NEEDS_CONTEXT;
  if (y != 1 || z != 1 || block_y != 1 || block_z != 1 || shared_size || stream || extra) return INVALID_VALUE;
  fake::run(function, x, parameters);
  return 0;
}
int cuEventCreate(void **event, unsigned) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  *event = fake::allocate(1);
  return 0;
}
int cuEventRecord(void *, void *) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  return 0;
}
int cuEventSynchronize(void *) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  return 0;
}
int cuEventElapsedTime(float *milliseconds, void *, void *) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  *milliseconds = 0.001f * fake::value("microseconds", 5);
  return 0;
}
int cuEventDestroy_v2(void *event) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  return fake::release(event) ? 0 : INVALID_VALUE;
}

} // extern "C"
