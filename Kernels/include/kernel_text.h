// The kernel's source as this program was built with it, for compilers that run on the user's machine.
#ifndef ROPE_KERNEL_TEXT_H
#define ROPE_KERNEL_TEXT_H

#ifdef __cplusplus
extern "C" {
#endif

// position_embeddings.hip, in UTF-8.
const char *rope_kernel_source(void);

// position_embeddings.h, which the source includes, in UTF-8.
const char *rope_kernel_header(void);

#ifdef __cplusplus
}
#endif

#endif
