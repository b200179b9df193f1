# Language, warnings, build types, sanitizers, linker and cache. Everything links arangosync_options.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev CACHE STRING "Dev or Release" FORCE)
endif()
# No NDEBUG anywhere: assertions stay on in production.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_EXE_LINKER_FLAGS_DEV "")

set(ARANGOSYNC_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
option(ARANGOSYNC_COVERAGE "Instrument for line coverage" OFF)
option(ARANGOSYNC_FUZZ "Build libFuzzer targets (needs clang)" OFF)

add_library(arangosync_options INTERFACE)
target_include_directories(arangosync_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(arangosync_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Known false alarms of g++ 12 with -O2 around std::variant, std::string and coroutines.
  target_compile_options(arangosync_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-missing-field-initializers)
else()
  target_compile_options(arangosync_options INTERFACE -Wno-missing-field-initializers)
endif()
if(ARANGOSYNC_SANITIZE)
  target_compile_options(arangosync_options INTERFACE
    -fsanitize=${ARANGOSYNC_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(arangosync_options INTERFACE -fsanitize=${ARANGOSYNC_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # What clang 14 puts in front of every function for this check, it cannot put in front of a coroutine.
    target_compile_options(arangosync_options INTERFACE -fno-sanitize=function)
  endif()
endif()
if(ARANGOSYNC_COVERAGE)
  target_compile_options(arangosync_options INTERFACE --coverage)
  target_link_options(arangosync_options INTERFACE --coverage)
endif()
if(ARANGOSYNC_FUZZ)
  target_compile_options(arangosync_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(ARANGOSYNC_CCACHE ccache)
if(ARANGOSYNC_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ARANGOSYNC_CCACHE}")
endif()
find_program(ARANGOSYNC_MOLD mold)
if(ARANGOSYNC_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_link_options(arangosync_options INTERFACE -fuse-ld=mold)
endif()
