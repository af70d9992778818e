#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "core/openssl_library.h"

int main(int argc, char** argv) {
  dtls::initialize_openssl();
  doctest::Context context(argc, argv);
  return context.run();
}
