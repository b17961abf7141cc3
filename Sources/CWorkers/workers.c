#define _GNU_SOURCE
#include "workers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

// Copies get numbers from here on, above every target, so that no source is overwritten before it is used.
enum { FIRST_COPY = 200 };

int worker_spawn(
  pid_t *process, const char *program, char *const arguments[], char *const environment[], const int *sources,
  const int *targets, size_t count
) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(
    &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  int copies[16], error = count > 16 ? EINVAL : 0;
  size_t copied = 0;
  for (; !error && copied < count; copied++) {
    copies[copied] = fcntl(sources[copied], F_DUPFD_CLOEXEC, FIRST_COPY);
    if (copies[copied] < 0) {
      error = errno;
      break;
    }
    posix_spawn_file_actions_adddup2(&actions, copies[copied], targets[copied]);
  }
  if (!error) error = posix_spawnp(process, program, &actions, &attributes, arguments, environment);
  for (size_t i = 0; i < copied; i++) close(copies[i]);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int worker_close_others(const int *kept, size_t count) {
  // A link to /proc/self/fd on Linux.
  DIR *directory = opendir("/dev/fd");
  if (!directory) return errno;
  for (struct dirent *entry; (entry = readdir(directory));) {
    int descriptor = atoi(entry->d_name), is_kept = entry->d_name[0] == '.' || descriptor == dirfd(directory);
    for (size_t i = 0; i < count; i++) is_kept |= kept[i] == descriptor;
    if (!is_kept) close(descriptor);
  }
  return closedir(directory) ? errno : 0;
}

int worker_limit(uint64_t data_bytes) {
  struct rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none)) return errno;
  struct rlimit data = {data_bytes, data_bytes};
  return setrlimit(RLIMIT_DATA, &data) ? errno : 0;
}

int worker_adopt_orphans(void) {
#ifdef __linux__
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) ? errno : 0;
#else
  return 0;
#endif
}

int worker_shared_memory(size_t byte_count) {
#ifdef __linux__
  int descriptor = memfd_create("rope-conformance", MFD_CLOEXEC | MFD_ALLOW_SEALING);
#else
  static _Atomic unsigned number;
  char name[32];
  snprintf(name, sizeof name, "/rope-%d-%u", (int)getpid(), number++);
  int descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (descriptor >= 0) shm_unlink(name);
#endif
  if (descriptor < 0) return -1;
  int failed = ftruncate(descriptor, (off_t)byte_count);
#ifdef __linux__
  failed = failed || fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
#endif
  if (!failed) return descriptor;
  int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

// Space for one descriptor, aligned like its header.
typedef union {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
} Control;

ssize_t worker_send(int socket, const void *bytes, size_t count, int descriptor) {
  struct iovec vector = {(void *)bytes, count};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  Control control;
  if (descriptor >= 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
  }
#ifdef MSG_NOSIGNAL
  int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
#else
  int flags = MSG_DONTWAIT, on = 1;
  setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  ssize_t sent;
  do sent = sendmsg(socket, &message, flags);
  while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t worker_receive(int socket, void *bytes, size_t count, int accepts_descriptor, int *descriptor) {
  struct iovec vector = {bytes, count};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  Control control;
  *descriptor = -1;
  // The system drops a descriptor if there is no space for it.
  if (accepts_descriptor) {
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
  }
  ssize_t received;
  do received = recvmsg(socket, &message, MSG_DONTWAIT);
  while (received < 0 && errno == EINTR);
  if (received > 0 && accepts_descriptor) {
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
      memcpy(descriptor, CMSG_DATA(header), sizeof(int));
  }
  return received;
}

uint64_t worker_checksum(const void *bytes, size_t count) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (size_t i = 0; i < count; i++) hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001B3u;
  return hash;
}

static WorkerFault *recorded;
static uintptr_t stack_top, stack_size;

static void record(int number, siginfo_t *info, void *context) {
  (void)context;
  uintptr_t address = (uintptr_t)info->si_addr;
  if (number == SIGSEGV || number == SIGBUS) {
    recorded->address = address;
    // The guard page of a stack lies right below its limit.
    recorded->is_stack = address < stack_top && stack_top - address < stack_size + (1u << 20);
  }
  // A heap grows in smaller steps than this.
  void *page = mmap(NULL, 1 << 22, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  recorded->out_of_memory = page == MAP_FAILED;
  recorded->signal = number;
  // SA_RESETHAND restored the default: a fault recurs, abort raises again, and only a signal sent by hand needs
  // raising.
  if (info->si_code <= 0) raise(number);
}

int worker_record_faults(WorkerFault *fault) {
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
  recorded = fault;
  char here;
  stack_top = (uintptr_t)&here;
  struct rlimit limit;
  stack_size = getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur == RLIM_INFINITY ? 8u << 20 : limit.rlim_cur;
  // The handler needs a stack of its own, because a stack that overflowed has no space left.
  static char other_stack[1 << 16];
  stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack};
  if (sigaltstack(&stack, NULL)) return errno;
  struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
  action.sa_sigaction = record;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (sigaction(numbers[i], &action, NULL)) return errno;
  return 0;
}
