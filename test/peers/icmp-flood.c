/* icmp-flood PORT: says over and over that a datagram from 127.0.0.1:PORT has found nobody at 127.0.0.1:9, as
   a liar could: the kernel asks only whether the sender that it quotes has a socket. Ends with its standard
   input, or after a minute. With --probe: whether this process may. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct lie {
  struct icmphdr icmp;
  struct iphdr ip;
  struct udphdr udp;
};

static unsigned short checksum(const void* bytes, size_t size) {
  unsigned long sum = 0;
  const unsigned char* at = bytes;
  for (size_t i = 0; i + 1 < size; i += 2) {
    sum += (unsigned long)(at[i] << 8 | at[i + 1]);
  }
  while (sum >> 16 != 0) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return htons((unsigned short)~sum);
}

static void require(int holds, const char* what) {
  if (!holds) {
    perror(what);
    exit(2);
  }
}

int main(int count, char** arguments) {
  require(count == 2, "PORT");
  const int descriptor = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  require(descriptor >= 0, "a raw socket");
  if (strcmp(arguments[1], "--probe") == 0) {
    return 0;
  }
  struct sockaddr_in here = {0};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

  struct lie lie;
  memset(&lie, 0, sizeof lie);
  lie.icmp.type = ICMP_DEST_UNREACH;
  lie.icmp.code = ICMP_PORT_UNREACH;
  lie.ip.version = 4;
  lie.ip.ihl = 5;
  lie.ip.ttl = 64;
  lie.ip.protocol = IPPROTO_UDP;
  lie.ip.tot_len = htons(sizeof lie.ip + sizeof lie.udp);
  lie.ip.saddr = lie.ip.daddr = here.sin_addr.s_addr;
  lie.ip.check = checksum(&lie.ip, sizeof lie.ip);
  lie.udp.source = htons((unsigned short)atoi(arguments[1]));
  lie.udp.dest = htons(9);
  lie.udp.len = htons(sizeof lie.udp);
  lie.icmp.checksum = checksum(&lie, sizeof lie);

  const time_t end = time(NULL) + 60;
  struct pollfd input = {STDIN_FILENO, POLLIN, 0};
  while (poll(&input, 1, 0) == 0 && time(NULL) < end) {
    for (int i = 0; i < 1000; ++i) {
      sendto(descriptor, &lie, sizeof lie, 0, (struct sockaddr*)&here, sizeof here);
    }
  }
  close(descriptor);
  return 0;
}
