#include "app/replay/recordings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <system_error>

namespace arangosync::replay {

bool write_traces(std::string const& folder, std::uint64_t seed, Recordings const& recordings) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  for (trace::Recording const& life : recordings.lives) {
    std::string process = life.process();
    std::replace(process.begin(), process.end(), '/', '-');
    std::replace(process.begin(), process.end(), '#', '-');
    for (std::size_t file = 0; file < life.files().size(); ++file) {
      std::ostringstream name;
      name << seed << '-' << process << '-' << std::setw(3) << std::setfill('0') << file + 1 << ".trace";
      std::ofstream stream(std::filesystem::path(folder) / name.str(), std::ios::binary);
      stream << life.files()[file];
      if (!stream.flush()) return false;
    }
  }
  return true;
}

}  // namespace arangosync::replay
