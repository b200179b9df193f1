// arangosync: sync master, sync worker, operator's command line and certificate tool.
#include "app/cli/program.h"

int main(int argc, char** argv) { return arangosync::cli::run_program(argc, argv); }
