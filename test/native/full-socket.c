/* Preloaded into a Node process: while FULL_SOCKET is set in its environment, its UDP sockets take nothing
   ("full": EAGAIN), refuse everything ("refuse": EPERM, as a firewall does) or lose it in the queue of the
   device
   ("lose": ENOBUFS). libuv reaches sendmmsg through
   syscall() in some versions and through the C library in others. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static int refuses(void) {
  const char* mode = getenv("FULL_SOCKET");
  if (mode == NULL || mode[0] == '\0') {
    return 0;
  }
  errno = strcmp(mode, "full") == 0 ? EAGAIN : strcmp(mode, "lose") == 0 ? ENOBUFS : EPERM;
  return 1;
}

int sendmmsg(int socket, struct mmsghdr* messages, unsigned int count, int flags) {
  static int (*real)(int, struct mmsghdr*, unsigned int, int);
  if (real == NULL) {
    real = (int (*)(int, struct mmsghdr*, unsigned int, int))dlsym(RTLD_NEXT, "sendmmsg");
  }
  /* Never more than three at once: the caller has to send the rest. */
  return refuses() ? -1 : real(socket, messages, count < 3 ? count : 3, flags);
}

ssize_t sendmsg(int socket, const struct msghdr* message, int flags) {
  static ssize_t (*real)(int, const struct msghdr*, int);
  if (real == NULL) {
    real = (ssize_t (*)(int, const struct msghdr*, int))dlsym(RTLD_NEXT, "sendmsg");
  }
  /* Only datagrams have an address; the process's channel to its parent has none. */
  return message->msg_name != NULL && refuses() ? -1 : real(socket, message, flags);
}

ssize_t sendto(int socket, const void* bytes, size_t size, int flags, const struct sockaddr* to,
               socklen_t length) {
  static ssize_t (*real)(int, const void*, size_t, int, const struct sockaddr*, socklen_t);
  if (real == NULL) {
    real = (ssize_t (*)(int, const void*, size_t, int, const struct sockaddr*, socklen_t))dlsym(RTLD_NEXT,
                                                                                                "sendto");
  }
  return to != NULL && refuses() ? -1 : real(socket, bytes, size, flags, to, length);
}

long syscall(long number, ...) {
  static long (*real)(long, ...);
  if (real == NULL) {
    real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  }
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (int i = 0; i < 6; ++i) {
    arguments[i] = va_arg(list, long);
  }
  va_end(list);
  if (number == SYS_sendmmsg && refuses()) {
    return -1;
  }
  return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}
