// A libamdhip64.so.6 whose GPU is the CPU; see fake_gpu.h.
#include "fake_gpu.h"

// The results of HIP that this file returns.
enum { INVALID_VALUE = 1, INVALID_CONTEXT = 201, NOT_FOUND = 500 };

#define NEEDS_CONTEXT \
  if (!fake::has_context) return INVALID_CONTEXT

extern "C" {

int hipInit(unsigned) {
  std::lock_guard guard(fake::lock);
  // The environment tells a whole program its faults.
  if (const char *text = std::getenv("FAKE_GPU")) fake::tell(text);
  return fake::call("hipInit");
}
int hipDriverGetVersion(int *version) {
  FAKE_CALL();
  *version = 60241134;
  return 0;
}
int hipRuntimeGetVersion(int *version) {
  FAKE_CALL();
  *version = 60241134;
  return 0;
}
const char *hipGetErrorName(int) { return "hipErrorFake"; }
const char *hipGetErrorString(int) { return "it was told to fail"; }
int hipGetDeviceCount(int *count) {
  FAKE_CALL();
  *count = fake::value("count", 2);
  return 0;
}
int hipDeviceGetName(char *name, int size, int device) {
  FAKE_CALL();
  std::strncpy(name, device ? "Second Fake GPU" : "Fake GPU", size);
  return 0;
}
int hipDeviceTotalMem(size_t *count, int) {
  FAKE_CALL();
  *count = (size_t)1 << 30;
  return 0;
}
int hipGetDevicePropertiesR0600(void *properties, int) {
  FAKE_CALL();
  std::strcpy((char *)properties + 1160, "gfx90a:sramecc+:xnack-");
  return 0;
}
int hipSetDevice(int) {
  std::lock_guard guard(fake::lock);
  fake::has_context = true;
  return fake::value("hipSetDevice", 0);
}
int hipMalloc(void **address, size_t count) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  *address = fake::allocate(count);
  return 0;
}
int hipFree(void *address) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  return fake::release(address) ? 0 : INVALID_VALUE;
}
int hipMemcpyHtoD(void *target, void *source, size_t count) {
  FAKE_CALL(std::to_string(count));
  NEEDS_CONTEXT;
  if (!fake::holds(target, count)) return INVALID_VALUE;
  std::memcpy(target, source, count);
  return 0;
}
int hipMemcpyDtoH(void *target, void *source, size_t count) {
  FAKE_CALL(std::to_string(count));
  NEEDS_CONTEXT;
  if (!fake::holds(source, count)) return INVALID_VALUE;
  std::memcpy(target, source, count);
  return 0;
}
int hipMemcpyDtoDAsync(void *target, void *source, size_t count, void *) {
  FAKE_CALL(std::to_string(count));
  NEEDS_CONTEXT;
  if (!fake::holds(target, count) || !fake::holds(source, count)) return INVALID_VALUE;
  std::memcpy(target, source, count);
  return 0;
}
int hipMemGetInfo(size_t *free, size_t *total) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  *free = (size_t)1 << 29;
  *total = (size_t)1 << 30;
  return 0;
}
int hipMemset(void *address, int value, size_t count) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  if (!fake::holds(address, count)) return INVALID_VALUE;
  std::memset(address, value, count);
  return 0;
}
int hipPointerGetAttribute(void *value, int attribute, void *address) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  if (!fake::holds(address, 1)) return INVALID_VALUE;
  *(int *)value = attribute == 2 ? fake::value("memory type", 2) : fake::value("ordinal", 0);
  return 0;
}
int hipModuleLoadData(void **module, const void *) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  *module = (void *)"module";
  return 0;
}
int hipModuleGetFunction(void **function, void *, const char *name) {
  FAKE_CALL(name);
  NEEDS_CONTEXT;
  *function = (void *)fake::kernel(name);
  return *function ? 0 : NOT_FOUND;
}
int hipModuleLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned block_x, unsigned block_y,
                          unsigned block_z, unsigned shared_size, void *stream, void **parameters, void **extra) {
  FAKE_CALL(std::string((const char *)function) + " " + std::to_string(x) + " × " + std::to_string(block_x));
  NEEDS_CONTEXT;
  if (y != 1 || z != 1 || block_y != 1 || block_z != 1 || shared_size || stream || extra) return INVALID_VALUE;
  fake::run(function, x, parameters);
  return 0;
}
int hipEventCreate(void **event) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  *event = fake::allocate(1);
  return 0;
}
int hipEventRecord(void *, void *) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  return 0;
}
int hipEventSynchronize(void *) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  return 0;
}
int hipEventElapsedTime(float *milliseconds, void *, void *) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  *milliseconds = 0.001f * fake::value("microseconds", 5);
  return 0;
}
int hipEventDestroy(void *event) {
  FAKE_CALL();
  NEEDS_CONTEXT;
  return fake::release(event) ? 0 : INVALID_VALUE;
}

} // extern "C"
