/* small-mtu BYTES COMMAND...: runs the command in a network namespace of its own, whose only interface is the
   loopback, with that MTU. As root, or where users may have namespaces. Ends with 77 where there are none. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char* what, int code) {
  perror(what);
  exit(code);
}

static void write_file(const char* path, const char* text) {
  const int file = open(path, O_WRONLY);
  if (file < 0 || write(file, text, strlen(text)) < 0) {
    fail(path, 77);
  }
  close(file);
}

int main(int count, char** arguments) {
  if (count < 3) {
    fprintf(stderr, "BYTES COMMAND...\n");
    return 2;
  }
  if (unshare(CLONE_NEWNET) != 0) {
    char map[64];
    snprintf(map, sizeof map, "%d %d 1", (int)getuid(), (int)getuid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
      fail("unshare", 77);
    }
    write_file("/proc/self/uid_map", map);
  }
  struct ifreq interface = {.ifr_name = "lo"};
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  interface.ifr_mtu = atoi(arguments[1]);
  if (ioctl(any, SIOCSIFMTU, &interface) != 0) {
    fail("SIOCSIFMTU", 77);
  }
  interface.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(any, SIOCSIFFLAGS, &interface) != 0) {
    fail("SIOCSIFFLAGS", 77);
  }
  execvp(arguments[2], arguments + 2);
  fail(arguments[2], 2);
}
