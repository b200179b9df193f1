# Build id: short commit hash, "unknown" outside a checkout. Only app/cli/version.cpp sees it.
execute_process(COMMAND git -C "${CMAKE_SOURCE_DIR}" rev-parse --short=8 HEAD
                OUTPUT_VARIABLE ARANGOSYNC_BUILD OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT ARANGOSYNC_BUILD)
  set(ARANGOSYNC_BUILD unknown)
endif()
