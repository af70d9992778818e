/* A DTLS 1.2 client over GnuTLS, driven line by line: one connection, no verification of the server.

     gnutls-client HOST PORT PRIORITY [NAME=VALUE...]
     gnutls-client --probe      prints "gnutls VERSION heartbeat=yes|no"

   Options: heartbeat=allow|forbid|insist (the extension is not offered without it; insist is allow, and to
   ask whether the server allows it or not), certificate=FILE and key=FILE (PEM), resume=HEX (what `session`
   said on an earlier connection), mute=yes, mtu=BYTES (1400).

   It says "connected NAME=VALUE..." or "failed ERROR", and then

     send HEX                -> sent BYTES
     ping PAYLOAD WAIT_MS    -> ping sent, then pong or ping timeout; the payload has at least 1 byte
     mute, answer            -> ok; what it does about the server's heartbeat requests from now on
     session                 -> session HEX
     rehandshake WAIT_MS     -> rehandshake refused|ignored|done|failed ERROR
     bye                     -> closed by=client

   and, whenever it happens: data HEX, ping received, alert NUMBER, error ERROR, closed by=server. It ends
   after a "closed" or a fatal error, and without a word to the server when its standard input does. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { handshake_timeout_ms = 15000, retransmission_ms = 1000, largest_record = 16384, padding = 16 };

struct client {
  gnutls_session_t session;
  int socket;
  bool mute;
  bool pinging;
  int64_t pong_deadline;
  bool over;
  int exit_code;
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void die(const char* what, const char* why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(2);
}

static void* not_null(void* memory) {
  if (memory == NULL) {
    die("memory", "none left");
  }
  return memory;
}

static void check(const char* what, int result) {
  if (result < 0) {
    die(what, gnutls_strerror(result));
  }
}

static const char* name_of(int error) {
  const char* name = gnutls_strerror_name(error);
  return name != NULL ? name : "unknown";
}

static const char* yes_no(bool value) { return value ? "yes" : "no"; }

static void print_hex(const char* what, const unsigned char* bytes, size_t size) {
  printf("%s ", what);
  for (size_t i = 0; i < size; ++i) {
    printf("%02x", bytes[i]);
  }
  printf("\n");
}

/* The caller frees `bytes`. */
static gnutls_datum_t from_hex(const char* text) {
  const size_t size = strlen(text) / 2;
  gnutls_datum_t result = {not_null(malloc(size + 1)), (unsigned int)size};
  for (size_t i = 0; i < size; ++i) {
    const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
    result.data[i] = (unsigned char)strtoul(digits, NULL, 16);
  }
  return result;
}

static int connected_socket(const char* host, const char* port) {
  const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
  struct addrinfo* address = NULL;
  const int result = getaddrinfo(host, port, &hints, &address);
  if (result != 0) {
    die(host, gai_strerror(result));
  }
  const int fd = socket(address->ai_family, SOCK_DGRAM, 0);
  if (fd < 0 || connect(fd, address->ai_addr, address->ai_addrlen) != 0 ||
      fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
    die("socket", strerror(errno));
  }
  freeaddrinfo(address);
  return fd;
}

static int local_port(int fd) {
  char port[sizeof "65535"] = "";
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  if (getsockname(fd, (struct sockaddr*)&address, &size) != 0 ||
      getnameinfo((struct sockaddr*)&address, size, NULL, 0, port, sizeof port, NI_NUMERICSERV) != 0) {
    die("getsockname", strerror(errno));
  }
  return atoi(port);
}

static void end(struct client* client, int exit_code) {
  client->over = true;
  client->exit_code = exit_code;
}

/* Everything that a record brings except what a handshake waits for. */
static void take(struct client* client, ssize_t result, const unsigned char* bytes) {
  const int error = result < 0 ? (int)result : 0;
  if (result > 0) {
    print_hex("data", bytes, (size_t)result);
  } else if (result == 0) {
    printf("closed by=server\n");
    end(client, 0);
  } else if (error == GNUTLS_E_HEARTBEAT_PING_RECEIVED) {
    printf("ping received\n");
    if (!client->mute) {
      const int sent = gnutls_heartbeat_pong(client->session, 0);
      if (sent < 0) {
        printf("error %s\n", name_of(sent));
      }
    }
  } else if (error == GNUTLS_E_HEARTBEAT_PONG_RECEIVED) {
    printf("pong\n");
    client->pinging = false;
  } else if (error == GNUTLS_E_WARNING_ALERT_RECEIVED || error == GNUTLS_E_FATAL_ALERT_RECEIVED) {
    printf("alert %d\n", (int)gnutls_alert_get(client->session));
  } else {
    printf("error %s\n", name_of(error));
  }
  if (error != 0 && gnutls_error_is_fatal(error)) {
    end(client, 1);
  }
}

static void receive(struct client* client) {
  static unsigned char bytes[largest_record];
  while (!client->over) {
    const ssize_t result = gnutls_record_recv(client->session, bytes, sizeof bytes);
    if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED) {
      return;
    }
    take(client, result, bytes);
  }
}

/* GNUTLS_E_AGAIN if it is not over at the deadline. */
static int handshake(struct client* client, int64_t deadline) {
  for (;;) {
    const int result = gnutls_handshake(client->session);
    if (result == GNUTLS_E_GOT_APPLICATION_DATA) {
      receive(client);
    } else if (result != GNUTLS_E_AGAIN && result != GNUTLS_E_INTERRUPTED) {
      return result;
    }
    const int64_t left = deadline - now_ms();
    if (left <= 0 || client->over) {
      return GNUTLS_E_AGAIN;
    }
    const unsigned int retransmission = gnutls_dtls_get_timeout(client->session);
    const int wait = retransmission < left ? (int)retransmission : (int)left;
    struct pollfd socket = {.fd = client->socket, .events = POLLIN};
    poll(&socket, 1, wait);
  }
}

static bool is_alert(int error) {
  return error == GNUTLS_E_WARNING_ALERT_RECEIVED || error == GNUTLS_E_FATAL_ALERT_RECEIVED;
}

static void connect_to_server(struct client* client) {
  const int result = handshake(client, now_ms() + handshake_timeout_ms);
  gnutls_session_t session = client->session;
  if (result < 0) {
    printf("failed %s", name_of(result));
    printf(is_alert(result) ? " alert=%d\n" : "\n", (int)gnutls_alert_get(session));
    end(client, 1);
    return;
  }
  const gnutls_kx_algorithm_t exchange = gnutls_kx_get(session);
  const char* suite =
      gnutls_cipher_suite_get_name(exchange, gnutls_cipher_get(session), gnutls_mac_get(session));
  printf("connected suite=%s etm=%s ems=%s resumed=%s heartbeat=%s port=%d\n", suite != NULL ? suite : "none",
         yes_no(gnutls_session_etm_status(session) != 0),
         yes_no(gnutls_session_ext_master_secret_status(session) != 0),
         yes_no(gnutls_session_is_resumed(session) != 0),
         yes_no(gnutls_heartbeat_allowed(session, GNUTLS_HB_LOCAL_ALLOWED_TO_SEND) != 0),
         local_port(client->socket));
}

static void rehandshake(struct client* client, int wait_ms) {
  const int result = handshake(client, now_ms() + wait_ms);
  if (result == GNUTLS_E_AGAIN) {
    printf("rehandshake ignored\n");
  } else if (result == GNUTLS_E_WARNING_ALERT_RECEIVED &&
             gnutls_alert_get(client->session) == GNUTLS_A_NO_RENEGOTIATION) {
    printf("rehandshake refused\n");
  } else if (result < 0) {
    printf("rehandshake failed %s\n", name_of(result));
    end(client, 1);
  } else {
    printf("rehandshake done\n");
  }
}

static void ping(struct client* client, size_t payload, int wait_ms) {
  /* GnuTLS takes the padding for a part of the size that it is told, and would fail on a payload of none. */
  const int result = gnutls_heartbeat_ping(client->session, payload + padding, 1, 0);
  if (result < 0) {
    printf("error %s\n", name_of(result));
    return;
  }
  printf("ping sent\n");
  client->pinging = true;
  client->pong_deadline = now_ms() + wait_ms;
}

static void send_record(struct client* client, const char* hex) {
  const gnutls_datum_t bytes = from_hex(hex);
  const ssize_t sent = gnutls_record_send(client->session, bytes.data, bytes.size);
  free(bytes.data);
  if (sent < 0) {
    printf("error %s\n", name_of((int)sent));
  } else {
    printf("sent %zd\n", sent);
  }
}

static void print_session(struct client* client) {
  gnutls_datum_t data;
  check("session", gnutls_session_get_data2(client->session, &data));
  print_hex("session", data.data, data.size);
  gnutls_free(data.data);
}

static void obey(struct client* client, char* line) {
  char* rest = NULL;
  const char* command = strtok_r(line, " ", &rest);
  const char* first = strtok_r(NULL, " ", &rest);
  const char* second = strtok_r(NULL, " ", &rest);
  if (command == NULL) {
    return;
  }
  if (strcmp(command, "send") == 0 && first != NULL) {
    send_record(client, first);
  } else if (strcmp(command, "ping") == 0 && second != NULL) {
    ping(client, strtoul(first, NULL, 10), atoi(second));
  } else if (strcmp(command, "mute") == 0 || strcmp(command, "answer") == 0) {
    client->mute = strcmp(command, "mute") == 0;
    printf("ok\n");
  } else if (strcmp(command, "session") == 0) {
    print_session(client);
  } else if (strcmp(command, "rehandshake") == 0 && first != NULL) {
    rehandshake(client, atoi(first));
  } else if (strcmp(command, "bye") == 0) {
    gnutls_bye(client->session, GNUTLS_SHUT_WR);
    printf("closed by=client\n");
    end(client, 0);
  } else {
    die(command, "no such command");
  }
}

/* False at the end of the input. */
static bool read_commands(struct client* client) {
  /* A record in hexadecimal, and the command's name. */
  static char input[2 * largest_record + 64];
  static size_t used;
  if (used == sizeof input) {
    die("input", "line too long");
  }
  const ssize_t count = read(STDIN_FILENO, input + used, sizeof input - used);
  if (count <= 0) {
    return false;
  }
  used += (size_t)count;
  char* line = input;
  for (char* newline; !client->over && (newline = memchr(line, '\n', used)) != NULL; line = newline + 1) {
    *newline = '\0';
    used -= (size_t)(newline + 1 - line);
    obey(client, line);
  }
  memmove(input, line, used);
  return true;
}

static void serve(struct client* client) {
  while (!client->over) {
    struct pollfd ready[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = client->socket, .events = POLLIN}};
    const int64_t left = client->pong_deadline - now_ms();
    const int wait = !client->pinging ? -1 : left > 0 ? (int)left : 0;
    if (poll(ready, 2, wait) < 0 && errno != EINTR) {
      die("poll", strerror(errno));
    }
    if (ready[1].revents != 0) {
      receive(client);
    }
    if (client->pinging && now_ms() >= client->pong_deadline) {
      client->pinging = false;
      printf("ping timeout\n");
    }
    if (!client->over && ready[0].revents != 0 && !read_commands(client)) {
      return;
    }
  }
}

static int probe(void) {
  gnutls_session_t session;
  check("init", gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_DATAGRAM));
  /* Some systems leave heartbeats out. Then this changes nothing. */
  gnutls_heartbeat_enable(session, GNUTLS_HB_PEER_ALLOWED_TO_SEND);
  const bool heartbeat = gnutls_heartbeat_allowed(session, GNUTLS_HB_PEER_ALLOWED_TO_SEND) != 0;
  printf("gnutls %s heartbeat=%s\n", gnutls_check_version(NULL), yes_no(heartbeat));
  gnutls_deinit(session);
  return 0;
}

/* The value of an argument NAME=VALUE; NULL if there is none. */
static const char* option(char** arguments, const char* name) {
  const size_t size = strlen(name);
  for (; *arguments != NULL; ++arguments) {
    if (strncmp(*arguments, name, size) == 0 && (*arguments)[size] == '=') {
      return *arguments + size + 1;
    }
  }
  return NULL;
}

static gnutls_certificate_credentials_t load_credentials(char** options) {
  gnutls_certificate_credentials_t credentials;
  check("credentials", gnutls_certificate_allocate_credentials(&credentials));
  const char* certificate = option(options, "certificate");
  if (certificate != NULL) {
    const char* key = option(options, "key");
    check(certificate,
          gnutls_certificate_set_x509_key_file(credentials, certificate, key, GNUTLS_X509_FMT_PEM));
  }
  return credentials;
}

static void prepare(struct client* client, const char* priority, char** options) {
  const unsigned int flags = GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_FORCE_CLIENT_CERT;
  check("init", gnutls_init(&client->session, flags));
  gnutls_session_t session = client->session;
  const char* at = NULL;
  if (gnutls_priority_set_direct(session, priority, &at) < 0) {
    die("priority", at);
  }
  gnutls_transport_set_int(session, client->socket);
  /* By default room for 1200 bytes of data in a record of any suite. */
  const char* mtu = option(options, "mtu");
  gnutls_dtls_set_mtu(session, mtu != NULL ? (unsigned int)strtoul(mtu, NULL, 10) : 1400);
  gnutls_dtls_set_timeouts(session, retransmission_ms, handshake_timeout_ms);
  const char* heartbeat = option(options, "heartbeat");
  if (heartbeat != NULL) {
    const bool forbid = strcmp(heartbeat, "forbid") == 0;
    const bool insist = strcmp(heartbeat, "insist") == 0;
    gnutls_heartbeat_enable(session,
                            (forbid ? GNUTLS_HB_PEER_NOT_ALLOWED_TO_SEND : GNUTLS_HB_PEER_ALLOWED_TO_SEND) |
                                (insist ? GNUTLS_HB_LOCAL_ALLOWED_TO_SEND : 0));
  }
  const char* resume = option(options, "resume");
  if (resume != NULL) {
    const gnutls_datum_t data = from_hex(resume);
    check("resume", gnutls_session_set_data(session, data.data, data.size));
    free(data.data);
  }
}

int main(int count, char** arguments) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (count == 2 && strcmp(arguments[1], "--probe") == 0) {
    return probe();
  }
  if (count < 4) {
    die(arguments[0], "HOST PORT PRIORITY expected");
  }
  char** options = arguments + 4;
  gnutls_certificate_credentials_t credentials = load_credentials(options);
  struct client client = {.socket = connected_socket(arguments[1], arguments[2]),
                          .mute = option(options, "mute") != NULL};
  prepare(&client, arguments[3], options);
  check("credentials", gnutls_credentials_set(client.session, GNUTLS_CRD_CERTIFICATE, credentials));
  connect_to_server(&client);
  serve(&client);
  gnutls_deinit(client.session);
  gnutls_certificate_free_credentials(credentials);
  close(client.socket);
  return client.exit_code;
}
