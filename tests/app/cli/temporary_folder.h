// A folder that is gone after the test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace arangosync::cli {

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "arangosync-cli-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  TemporaryFolder(TemporaryFolder const&) = delete;
  TemporaryFolder& operator=(TemporaryFolder const&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string file(std::string const& name) const { return (path_ / name).string(); }
  std::filesystem::path const& path() const { return path_; }

  std::string write(std::string const& name, std::string const& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return file(name);
  }

  std::string read(std::string const& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }

  bool has(std::string const& name) const { return std::filesystem::exists(path_ / name); }

  /// What lies in the folder, temporary files included.
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
  }

  unsigned mode(std::string const& name) const {
    return static_cast<unsigned>(std::filesystem::status(path_ / name).permissions() & std::filesystem::perms::mask);
  }

private:
  std::filesystem::path path_;
};

}  // namespace arangosync::cli
