// The kernel's source as this program was built with it, for compilers that run on the user's machine.
#ifndef ROPE_KERNEL_TEXT_H
#define ROPE_KERNEL_TEXT_H

#ifdef __cplusplus
extern "C" {
#endif

// A file of the source.
typedef struct {
  // As #include writes it.
  const char *name;
  // In UTF-8.
  const char *text;
} RopeKernelFile;

// The files. The first one is compiled, and the others are the headers that it and they include.
int rope_kernel_file_count(void);
RopeKernelFile rope_kernel_file(int index);

#ifdef __cplusplus
}
#endif

#endif
