// What a worker needs and Swift cannot call or import: variadic functions, macros that build control
// messages, and a signal handler.
#ifndef ROPE_WORKERS_H
#define ROPE_WORKERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Starts a program, which is looked for in PATH, in a process group of its own, with every signal as it is by default.
// `sources[i]` becomes its descriptor `targets[i]`. 0, or the error number.
int worker_spawn(
  pid_t *process, const char *program, char *const arguments[], char *const environment[], const int *sources,
  const int *targets, size_t count);

// Closes every descriptor of this process but these. 0, or errno.
int worker_close_others(const int *kept, size_t count);

// Bounds the data of this process and of each process that it starts, and switches core dumps off. 0, or errno.
// Counted are private writable pages, as malloc and anonymous mappings give them; Linux alone enforces it.
int worker_limit(uint64_t data_bytes);

// Makes this process the parent of every descendant whose own parent ended. 0, or errno; Linux alone can.
int worker_adopt_orphans(void);

// A descriptor of anonymous shared memory of so many bytes, zeroed, which on Linux nobody can make smaller, for that
// would crash everybody who maps it. -1 and errno where it fails.
int worker_shared_memory(size_t byte_count);

// Sends what the socket takes at once, and with its first byte a descriptor unless that is -1; never raises SIGPIPE.
// The number of bytes, or -1 and errno.
ssize_t worker_send(int socket, const void *bytes, size_t count, int descriptor);

// Receives what is there, and into `descriptor` the descriptor that came with it where one is accepted, or else -1.
// The number of bytes, 0 at the end, or -1 and errno.
ssize_t worker_receive(int socket, void *bytes, size_t count, int accepts_descriptor, int *descriptor);

// FNV-1a of bytes, 64 bits.
uint64_t worker_checksum(const void *bytes, size_t count);

// What a fault left in memory that survives the process.
typedef struct {
  // The signal, or 0 where none came; written last.
  volatile int32_t signal;
  // 1 where the process could not map another 4 MiB.
  volatile int32_t out_of_memory;
  // The address that was touched.
  volatile uint64_t address;
  // 1 where it lies below the stack of the thread that called worker_record_faults.
  volatile int32_t is_stack;
} WorkerFault;

// From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT write to `fault` before they end the process as they would.
// `fault` has to stay mapped. 0, or errno.
int worker_record_faults(WorkerFault *fault);

#endif
