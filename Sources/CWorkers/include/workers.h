// The functions that a worker needs and Swift cannot express: variadic functions, macros that build control messages,
// and a signal handler.
#ifndef ROPE_WORKERS_H
#define ROPE_WORKERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Starts a program, which is searched in PATH, in a process group of its own and with default signal handling.
// `sources[i]` becomes its descriptor `targets[i]`. Returns 0, or the error number.
int worker_spawn(
  pid_t *process, const char *program, char *const arguments[], char *const environment[], const int *sources,
  const int *targets, size_t count);

// Closes every descriptor of this process except those in `kept`. Returns 0, or errno.
int worker_close_others(const int *kept, size_t count);

// Limits the data of this process and of each process that it starts, and disables core dumps. Returns 0, or errno. The
// limit counts private writable pages, from malloc and anonymous mappings; only Linux enforces it.
int worker_limit(uint64_t data_bytes);

// Makes this process the parent of every descendant whose own parent ended; only Linux can. Returns 0, or errno.
int worker_adopt_orphans(void);

// Returns a descriptor of anonymous, zeroed shared memory of the given size, or -1 and errno. On Linux nobody can
// shrink it, which would crash every process that maps it.
int worker_shared_memory(size_t byte_count);

// Sends what the socket accepts at once, and `descriptor` with the first byte unless it is -1; never raises SIGPIPE.
// Returns the number of bytes, or -1 and errno.
ssize_t worker_send(int socket, const void *bytes, size_t count, int descriptor);

// Receives what has arrived. Sets `descriptor` to the descriptor that came with it, if one is accepted, or else to -1.
// Returns the number of bytes, 0 at the end, or -1 and errno.
ssize_t worker_receive(int socket, void *bytes, size_t count, int accepts_descriptor, int *descriptor);

// Returns the 64-bit FNV-1a checksum of bytes.
uint64_t worker_checksum(const void *bytes, size_t count);

// The record of a fault, in memory that survives the process.
typedef struct {
  // The signal, or 0 if none came; written last.
  volatile int32_t signal;
  // 1 if the process could not map another 4 MiB.
  volatile int32_t out_of_memory;
  // The address that the fault touched.
  volatile uint64_t address;
  // 1 if the address lies below the stack of the thread that called worker_record_faults.
  volatile int32_t is_stack;
} WorkerFault;

// From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT write to `fault` before they end the process as usual.
// `fault` has to stay mapped. Returns 0, or errno.
int worker_record_faults(WorkerFault *fault);

#endif
