/* class-proxy HOST PORT: passes datagrams between one client and the server at HOST (an IP) and PORT. It says
   "port N", where it listens on HOST, and then "class N" for each of the server's datagrams: the DS field of
   its packet with the two bits of ECN (RFC 2474, RFC 3168). Ends with its standard input. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
};

static void require(int holds, const char* what) {
  if (!holds) {
    perror(what);
    exit(2);
  }
}

static union address address_of(const char* host, int port) {
  union address address = {0};
  if (strchr(host, ':') != NULL) {
    address.ipv6.sin6_family = AF_INET6;
    address.ipv6.sin6_port = htons((unsigned short)port);
    require(inet_pton(AF_INET6, host, &address.ipv6.sin6_addr) == 1, host);
  } else {
    address.ipv4.sin_family = AF_INET;
    address.ipv4.sin_port = htons((unsigned short)port);
    require(inet_pton(AF_INET, host, &address.ipv4.sin_addr) == 1, host);
  }
  return address;
}

static void print_class(struct msghdr* message) {
  for (struct cmsghdr* control = CMSG_FIRSTHDR(message); control != NULL;
       control = CMSG_NXTHDR(message, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TOS) {
      printf("class %d\n", *CMSG_DATA(control));
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_TCLASS) {
      int value;
      memcpy(&value, CMSG_DATA(control), sizeof value);
      printf("class %d\n", value);
    }
  }
}

int main(int count, char** arguments) {
  require(count == 3, "HOST PORT");
  setvbuf(stdout, NULL, _IOLBF, 0);
  const union address server = address_of(arguments[1], atoi(arguments[2]));
  union address here = address_of(arguments[1], 0);
  const int family = server.any.sa_family;
  socklen_t size = family == AF_INET ? sizeof server.ipv4 : sizeof server.ipv6;
  const int to_client = socket(family, SOCK_DGRAM, 0);
  const int to_server = socket(family, SOCK_DGRAM, 0);
  require(bind(to_client, &here.any, size) == 0, "bind");
  require(connect(to_server, &server.any, size) == 0, "connect");
  const int on = 1;
  require(family == AF_INET ? setsockopt(to_server, IPPROTO_IP, IP_RECVTOS, &on, sizeof on) == 0
                            : setsockopt(to_server, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof on) == 0,
          "setsockopt");
  require(getsockname(to_client, &here.any, &size) == 0, "getsockname");
  printf("port %d\n", ntohs(family == AF_INET ? here.ipv4.sin_port : here.ipv6.sin6_port));

  static char bytes[65536];
  for (;;) {
    struct pollfd ready[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = to_client, .events = POLLIN},
                             {.fd = to_server, .events = POLLIN}};
    require(poll(ready, 3, -1) > 0, "poll");
    if (ready[0].revents != 0) {
      return 0;
    }
    if (ready[1].revents != 0) {
      union address client;
      socklen_t client_size = sizeof client;
      const ssize_t length = recvfrom(to_client, bytes, sizeof bytes, 0, &client.any, &client_size);
      if (length >= 0) {
        connect(to_client, &client.any, client_size);
        send(to_server, bytes, (size_t)length, 0);
      }
    }
    if (ready[2].revents != 0) {
      char room[256];
      struct iovec buffer = {bytes, sizeof bytes};
      struct msghdr message = {.msg_iov = &buffer, .msg_iovlen = 1, .msg_control = room};
      message.msg_controllen = sizeof room;
      const ssize_t length = recvmsg(to_server, &message, 0);
      if (length >= 0) {
        print_class(&message);
        send(to_client, bytes, (size_t)length, 0);
      }
    }
  }
}
