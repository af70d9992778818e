# Gives the target deps_openssl: OpenSSL 3.0 or later, its static libraries where they exist.
#
# The search is our own and not find_package(OpenSSL), so that header and libraries always come from the
# same prefix: mixing a header of one OpenSSL with the library of another compiles and then misbehaves.

set(OPENSSL_DTLS_OPENSSL_ROOT "$ENV{OPENSSL_DTLS_OPENSSL_ROOT}" CACHE PATH
  "Install prefix of the OpenSSL to use in place of the system's")
option(OPENSSL_DTLS_OPENSSL_STATIC "Prefer libssl.a and libcrypto.a" ON)

set(OPENSSL_DTLS_OPENSSL "$ENV{OPENSSL_DTLS_OPENSSL}" CACHE STRING
  "system (the default), or source: built as deps/openssl-source.mjs says. OPENSSL_DTLS_OPENSSL_ROOT comes first")

set(openssl_root "${OPENSSL_DTLS_OPENSSL_ROOT}")
if(OPENSSL_DTLS_OPENSSL STREQUAL "source" AND NOT openssl_root)
  include(deps/node.cmake)
  set(openssl_script "${CMAKE_CURRENT_SOURCE_DIR}/scripts/build-openssl.mjs")
  if(NOT EXISTS "${openssl_script}")
    message(FATAL_ERROR "OPENSSL_DTLS_OPENSSL=source works in a checkout only: the package has no scripts.")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS deps/openssl-source.mjs)
  execute_process(COMMAND "${NODE_EXECUTABLE}" "${openssl_script}"
    OUTPUT_VARIABLE openssl_build ERROR_VARIABLE openssl_build RESULT_VARIABLE openssl_build_result
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT openssl_build_result EQUAL 0)
    message(FATAL_ERROR "OpenSSL could not be built from source:\n${openssl_build}")
  endif()
  string(REGEX REPLACE ".*\n" "" openssl_root "${openssl_build}")
elseif(NOT OPENSSL_DTLS_OPENSSL MATCHES "^(system|source)?$")
  message(FATAL_ERROR "OPENSSL_DTLS_OPENSSL is ${OPENSSL_DTLS_OPENSSL}; it may be system or source.")
endif()

set(openssl_hint "Install OpenSSL 3.0 or later with its headers (Debian, Ubuntu: libssl-dev; Fedora: "
  "openssl-devel; Alpine: openssl-dev openssl-libs-static; Homebrew: openssl@3), or set "
  "OPENSSL_DTLS_OPENSSL_ROOT to an install prefix.")

# The answers depend on the settings above, so none of them may stay in the cache.
unset(openssl_include CACHE)
unset(openssl_ssl CACHE)
unset(openssl_crypto CACHE)

if(openssl_root)
  set(openssl_where PATHS "${openssl_root}" NO_DEFAULT_PATH)
elseif(APPLE)
  set(openssl_where PATHS /opt/homebrew/opt/openssl@3 /usr/local/opt/openssl@3)
else()
  set(openssl_where)
endif()

find_path(openssl_include openssl/ssl.h ${openssl_where} PATH_SUFFIXES include)
if(NOT openssl_include)
  message(FATAL_ERROR "openssl/ssl.h not found. " ${openssl_hint})
endif()

file(STRINGS "${openssl_include}/openssl/opensslv.h" openssl_version_lines
  REGEX "^# *define OPENSSL_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
string(REGEX REPLACE "[^0-9;]" "" openssl_version "${openssl_version_lines}")
string(REPLACE ";" "." openssl_version "${openssl_version}")
# Before 3.0.3 an HMAC that is begun again under its old key gives a wrong MAC without a word.
if(NOT openssl_version OR openssl_version VERSION_LESS 3.0.3)
  message(FATAL_ERROR "The OpenSSL in ${openssl_include} is older than 3.0.3. " ${openssl_hint})
endif()

set(openssl_is_static OFF)
if(OPENSSL_DTLS_OPENSSL_STATIC AND NOT MSVC)
  find_library(openssl_ssl libssl.a ${openssl_where} PATH_SUFFIXES lib lib64)
  find_library(openssl_crypto libcrypto.a ${openssl_where} PATH_SUFFIXES lib lib64)
  if(openssl_ssl AND openssl_crypto)
    set(openssl_is_static ON)
  endif()
endif()
if(NOT openssl_is_static)
  unset(openssl_ssl CACHE)
  unset(openssl_crypto CACHE)
  find_library(openssl_ssl NAMES ssl libssl ${openssl_where} PATH_SUFFIXES lib lib64)
  find_library(openssl_crypto NAMES crypto libcrypto ${openssl_where} PATH_SUFFIXES lib lib64)
endif()
# Tried: an addon that is linked with a shared libssl runs Node's functions under every Node, whatever else
# is hidden, for Node exports the same names and comes first.
if(CMAKE_JS_VERSION AND UNIX AND NOT APPLE AND NOT openssl_is_static)
  message(FATAL_ERROR "The addon needs OpenSSL's static libraries, libssl.a and libcrypto.a: with shared ones it "
    "would run Node's own OpenSSL. " ${openssl_hint} " Where there is no package with them (Fedora), build "
    "OpenSSL with no-shared and set OPENSSL_DTLS_OPENSSL_ROOT.")
endif()
if(NOT openssl_ssl OR NOT openssl_crypto)
  message(FATAL_ERROR "libssl and libcrypto not found beside ${openssl_include}. " ${openssl_hint})
endif()

add_library(deps_openssl INTERFACE)
target_include_directories(deps_openssl SYSTEM INTERFACE "${openssl_include}")
target_link_libraries(deps_openssl INTERFACE "${openssl_ssl}" "${openssl_crypto}")
if(WIN32)
  target_link_libraries(deps_openssl INTERFACE ws2_32 crypt32)
elseif(openssl_is_static)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
  target_link_libraries(deps_openssl INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
endif()
message(STATUS "OpenSSL ${openssl_version}: ${openssl_ssl}")
