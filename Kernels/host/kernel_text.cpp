#include "kernel_text.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed

static const char source[] = {
#embed "../position_embeddings.hip"
  , 0
};
static const char header[] = {
#embed "../include/position_embeddings.h"
  , 0
};

const char *rope_kernel_source(void) { return source; }
const char *rope_kernel_header(void) { return header; }
