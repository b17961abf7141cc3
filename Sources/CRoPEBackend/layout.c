// The layout of the interface, on which compiled plug-ins rely: no field may ever move.
#include "rope_backend.h"

#define AT(type, field, offset) \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field " moved: plug-ins that exist would misread it")

#if UINTPTR_MAX == UINT64_MAX
AT(rope_error, capacity, 16);
AT(rope_host, minor_version, 12);
AT(rope_tensor, data, 8);
AT(rope_tensor, element_type, 16);
AT(rope_tensor, shape, 24);
AT(rope_tensor, strides, 56);
AT(rope_plan, head_dim, 8);
AT(rope_plan, in, 32);
AT(rope_plan, inv_freq, 56);
AT(rope_plan, attention_factor, 64);
AT(rope_plan, pairing, 72);
AT(rope_plan, rotary_offset, 88);
AT(rope_call, contract, 8);
AT(rope_call, plan, 16);
AT(rope_call, query_in, 24);
AT(rope_call, positions, 56);
AT(rope_call, cos, 72);
AT(rope_call, table_type, 88);
AT(rope_call, table_rows, 104);
// Since 1.1.
AT(rope_tensor, alignment, 88);
AT(rope_tokens, positions, 8);
AT(rope_tokens, largest_position, 56);
AT(rope_parameter, name, 8);
AT(rope_parameter, value_count, 24);
_Static_assert(sizeof(rope_parameter) == 32, "an array of rope_parameter is stepped by 32 bytes");
AT(rope_call, fractional_positions, 112);
AT(rope_call, least_position, 136);
AT(rope_call, key_tokens, 152);
AT(rope_call, case_name, 160);
AT(rope_call, scaling_parameter_count, 192);
AT(rope_backend, major_version, 8);
AT(rope_backend, name, 16);
AT(rope_backend, state, 32);
AT(rope_backend, apply, 48);
#endif
