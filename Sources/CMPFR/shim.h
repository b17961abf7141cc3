#ifndef CMPFR_SHIM_H
#define CMPFR_SHIM_H

// Declares the functions that take intmax_t.
#include <stdint.h>
#define MPFR_USE_INTMAX_T
#include <mpfr.h>

#endif
