// Compares the functions of CDeviceRuntimes with a vendor's headers at compile time: they must have the same number of
// parameters, each passed in the same way. Compiled with -DCHECK_HIP or -DCHECK_CUDA where those headers are; nothing
// runs.
#include <cstddef>
#include <type_traits>

#include "cuda_driver.h"
#include "hip_runtime.h"
#include "run_time_compiler.h"

// True if our type, which has no enumerations and handles, is passed like theirs: an enumeration is an int, a handle a
// pointer to nothing. The targets of two pointers must have the same size, unless ours points to nothing.
template <typename Ours, typename Theirs> constexpr bool passes() {
  if constexpr (std::is_pointer_v<Ours> && std::is_pointer_v<Theirs>) {
    using Ours1 = std::remove_cv_t<std::remove_pointer_t<Ours>>;
    using Theirs1 = std::remove_cv_t<std::remove_pointer_t<Theirs>>;
    if constexpr (std::is_void_v<Ours1>) return true;
    else if constexpr (std::is_void_v<Theirs1>) return false;
    else return passes<Ours1, Theirs1>();
  } else {
    return std::is_pointer_v<Ours> == std::is_pointer_v<Theirs> && sizeof(Ours) == sizeof(Theirs) &&
           std::is_floating_point_v<Ours> == std::is_floating_point_v<Theirs>;
  }
}

template <typename Ours, typename... OurParameters, typename Theirs, typename... TheirParameters>
constexpr bool agree(Ours (*)(OurParameters...), Theirs (*)(TheirParameters...)) {
  if constexpr (sizeof...(OurParameters) != sizeof...(TheirParameters)) return false;
  else return passes<Ours, Theirs>() && (passes<OurParameters, TheirParameters>() && ...);
}

#define CHECK(name, parameters) static_assert(agree(decltype(RopeDriver::name){}, &name), #name);
#define CHECK_VALUE(ours, theirs) static_assert((int)ours == (int)theirs, #ours);

#ifdef CHECK_CUDA
#include <cuda.h>
#include <nvrtc.h>
using RopeDriver = RopeCUDA;
ROPE_CUDA_FUNCTIONS(CHECK)
CHECK_VALUE(ROPE_CUDA_COMPUTE_CAPABILITY_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
CHECK_VALUE(ROPE_CUDA_COMPUTE_CAPABILITY_MINOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)
CHECK_VALUE(ROPE_CUDA_POINTER_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_MEMORY_TYPE)
CHECK_VALUE(ROPE_CUDA_POINTER_DEVICE_ORDINAL, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL)
CHECK_VALUE(ROPE_CUDA_MEMORY_DEVICE, CU_MEMORYTYPE_DEVICE)
CHECK_VALUE(ROPE_CUDA_JIT_ERROR_LOG, CU_JIT_ERROR_LOG_BUFFER)
CHECK_VALUE(ROPE_CUDA_JIT_ERROR_LOG_SIZE, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES)
CHECK_VALUE(ROPE_CUDA_NO_DEVICE, CUDA_ERROR_NO_DEVICE)
#define CHECK_COMPILER(member, nvrtc, hiprtc, parameters) \
  static_assert(agree(decltype(RopeCompiler::member){}, &nvrtc), #nvrtc);
ROPE_COMPILER_FUNCTIONS(CHECK_COMPILER)
#endif

#ifdef CHECK_HIP
#define __HIP_PLATFORM_AMD__
#include <hip/hip_runtime_api.h>
#include <hip/hiprtc.h>
using RopeDriver = RopeHIP;
namespace plain {
// In C++ hipMalloc is also a template, whose address cannot be taken.
inline hipError_t hipMalloc(void **address, size_t byte_count) { return ::hipMalloc(address, byte_count); }
ROPE_HIP_FUNCTIONS(CHECK)
} // namespace plain
CHECK_VALUE(ROPE_HIP_POINTER_MEMORY_TYPE, HIP_POINTER_ATTRIBUTE_MEMORY_TYPE)
CHECK_VALUE(ROPE_HIP_POINTER_DEVICE_ORDINAL, HIP_POINTER_ATTRIBUTE_DEVICE_ORDINAL)
CHECK_VALUE(ROPE_HIP_NO_DEVICE, hipErrorNoDevice)
CHECK_VALUE(ROPE_HIP_INVALID_DEVICE, hipErrorInvalidDevice)
#if HIP_VERSION_MAJOR >= 6
CHECK_VALUE(ROPE_HIP_MEMORY_DEVICE, hipMemoryTypeDevice)
CHECK_VALUE(ROPE_HIP_ARCHITECTURE_OFFSET, offsetof(hipDeviceProp_t, gcnArchName))
#else
CHECK_VALUE(ROPE_HIP_MEMORY_DEVICE_5, hipMemoryTypeDevice)
CHECK_VALUE(ROPE_HIP_ARCHITECTURE_OFFSET_5, offsetof(hipDeviceProp_t, gcnArchName))
#endif
CHECK_VALUE(ROPE_HIP_ARCHITECTURE_SIZE, sizeof(hipDeviceProp_t::gcnArchName))
static_assert(sizeof(hipDeviceProp_t) <= ROPE_HIP_PROPERTIES_SIZE);
static_assert(agree(RopeHIPGetProperties{}, &hipGetDeviceProperties));
static_assert(agree(RopeHIPErrorText{}, &hipGetErrorName) && agree(RopeHIPErrorText{}, &hipGetErrorString));
#define CHECK_COMPILER(member, nvrtc, hiprtc, parameters) \
  static_assert(agree(decltype(RopeCompiler::member){}, &hiprtc), #hiprtc);
ROPE_COMPILER_FUNCTIONS(CHECK_COMPILER)
#endif
