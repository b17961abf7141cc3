#include "kernel_text.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed

static const char source[] = {
#embed "../position_embeddings.hip"
  , 0
};
static const char angles[] = {
#embed "../angles.h"
  , 0
};
static const char block[] = {
#embed "../block.h"
  , 0
};
static const char elements[] = {
#embed "../elements.h"
  , 0
};
static const char simple[] = {
#embed "../simple.h"
  , 0
};
static const char wide[] = {
#embed "../wide.h"
  , 0
};
static const char arguments[] = {
#embed "../include/position_embeddings.h"
  , 0
};

// tools/build-kernels hashes the same files in the same order.
static const RopeKernelFile files[] = {
  {"position_embeddings.hip", source},
  {"angles.h", angles},
  {"block.h", block},
  {"elements.h", elements},
  {"simple.h", simple},
  {"wide.h", wide},
  {"position_embeddings.h", arguments},
};

int rope_kernel_file_count(void) { return sizeof files / sizeof *files; }
RopeKernelFile rope_kernel_file(int index) { return files[index]; }
