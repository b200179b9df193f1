// Where the tests find recordings and the source tree. Compiled in one place, so that no other object file depends on
// the folder that the project lies in: checkouts share a compiler cache.
#pragma once

#include <string>

namespace arangosync::tests {

std::string data_folder();    ///< …/tests/data, no trailing slash
std::string source_folder();  ///< the top of the checkout, no trailing slash

}  // namespace arangosync::tests
