// The layout of the interface, on which compiled programs rely: no field may ever move.
#include "rope_judge.h"

#define AT(type, field, offset) \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field " moved: programs that exist would misread it")

#if UINTPTR_MAX == UINT64_MAX
AT(rope_memory, state, 8);
AT(rope_memory, allocate, 16);
AT(rope_memory, write, 24);
AT(rope_memory, read, 32);
AT(rope_memory, release, 40);
#endif
