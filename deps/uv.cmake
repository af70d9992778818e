# Gives the target deps_uv: the headers of libuv. Its functions come from the Node process at run time.
#
# cmake-js does not hand us uv.h (the Node-API headers do not include it), so we look beside Node itself,
# then where npm's nodedir points, then for the system's package.

include(deps/node.cmake)

set(uv_candidates)
if(NODE_EXECUTABLE)
  execute_process(COMMAND "${NODE_EXECUTABLE}" -p "path.resolve(process.execPath, '../../include/node')"
    OUTPUT_VARIABLE uv_beside_node OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  list(APPEND uv_candidates "${uv_beside_node}")
endif()
if(DEFINED ENV{npm_config_nodedir})
  list(APPEND uv_candidates "$ENV{npm_config_nodedir}/include/node" "$ENV{npm_config_nodedir}/deps/uv/include")
endif()
find_path(uv_system_include uv.h)
if(uv_system_include)
  list(APPEND uv_candidates "${uv_system_include}")
endif()

set(uv_include)
foreach(candidate ${uv_candidates})
  if(NOT uv_include AND EXISTS "${candidate}/uv.h" AND EXISTS "${candidate}/uv/version.h")
    set(uv_include "${candidate}")
  endif()
endforeach()
if(NOT uv_include)
  message(FATAL_ERROR "uv.h not found beside Node.js. Install Node.js with its headers, set npm's nodedir to a "
    "directory that holds include/node, or install libuv's headers (Debian, Ubuntu: libuv1-dev; "
    "Fedora: libuv-devel; Alpine: libuv-dev; Homebrew: libuv).")
endif()

# Copied, not included in place: beside Node's uv.h lie the headers of Node's own OpenSSL, which must never
# be found before ours.
set(uv_copy "${CMAKE_CURRENT_BINARY_DIR}/uv-headers")
file(MAKE_DIRECTORY "${uv_copy}")
file(COPY "${uv_include}/uv.h" "${uv_include}/uv" DESTINATION "${uv_copy}")

add_library(deps_uv INTERFACE)
target_include_directories(deps_uv SYSTEM INTERFACE "${uv_copy}")
message(STATUS "libuv headers: ${uv_include}")
