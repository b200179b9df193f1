# Third-party libraries, by Debian package (names in ./dev). Each is linked PRIVATE by the few rooms that need it.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(simdjson REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_program(ARANGOSYNC_FLATC flatc REQUIRED)

# Only for `simulate`, which allocates more than it computes; without it everything works, a little slower.
find_library(ARANGOSYNC_TCMALLOC NAMES libtcmalloc_minimal.so libtcmalloc_minimal.so.4)

find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
add_library(rapidcheck_all INTERFACE)
target_link_libraries(rapidcheck_all INTERFACE "${RAPIDCHECK_LIBRARY}")
