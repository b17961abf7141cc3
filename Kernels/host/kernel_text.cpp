#include "kernel_text.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed

static const unsigned char source[] = {
#embed "../position_embeddings.hip"
  , 0
};
static const unsigned char angles[] = {
#embed "../angles.h"
  , 0
};
static const unsigned char block[] = {
#embed "../block.h"
  , 0
};
static const unsigned char elements[] = {
#embed "../elements.h"
  , 0
};
static const unsigned char simple[] = {
#embed "../simple.h"
  , 0
};
static const unsigned char wide[] = {
#embed "../wide.h"
  , 0
};
static const unsigned char arguments[] = {
#embed "../include/position_embeddings.h"
  , 0
};

// tools/build-kernels hashes the same files in the same order.
static const RopeKernelFile files[] = {
  {"position_embeddings.hip", (const char *)source},
  {"angles.h", (const char *)angles},
  {"block.h", (const char *)block},
  {"elements.h", (const char *)elements},
  {"simple.h", (const char *)simple},
  {"wide.h", (const char *)wide},
  {"position_embeddings.h", (const char *)arguments},
};

int rope_kernel_file_count(void) { return sizeof files / sizeof *files; }
RopeKernelFile rope_kernel_file(int index) { return files[index]; }
