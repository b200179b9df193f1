// The whole program behind main(): reads the command line, carries the command out, turns its outcome into messages and
// an exit code (exit_code.h). Standard output holds results, standard error one line per error.
#pragma once

namespace arangosync::cli {

int run_program(int argc, char const* const* argv);

}  // namespace arangosync::cli
