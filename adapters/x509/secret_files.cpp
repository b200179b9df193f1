#include "adapters/x509/secret_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace arangosync::x509 {
namespace {

constexpr std::size_t bytes_max = 1u << 20;

Expected<std::string, std::string> read_secret(std::string const& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(bytes_max, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A folder opens and does not read.
  if (!file.is_open() || file.bad() || (file.gcount() == 0 && errno != 0)) {
    return unexpected("Failed to read " + path + ": " + std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto const end = text.find_last_not_of(" \t\r\n");
  text.resize(end == std::string::npos ? 0 : end + 1);
  return text;
}

}  // namespace

bool is_secret_folder(std::string const& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

Expected<std::vector<std::string>, std::string> read_secrets(std::string const& path) {
  std::vector<std::string> files = {path};
  if (is_secret_folder(path)) {
    files.clear();
    std::error_code problem;
    for (std::filesystem::directory_iterator at(path, problem), end; !problem && at != end; at.increment(problem)) {
      std::error_code ignored;
      bool const is_hidden = at->path().filename().string().starts_with('.');
      if (!is_hidden && at->is_regular_file(ignored)) files.push_back(at->path().string());
    }
    if (problem) return unexpected("Failed to read " + path + ": " + problem.message());
    std::sort(files.begin(), files.end());
  }
  std::vector<std::string> secrets;
  for (auto const& file : files) {
    auto secret = read_secret(file);
    if (!secret) return unexpected(secret.error());
    if (!secret->empty()) secrets.push_back(std::move(*secret));
  }
  if (secrets.empty()) return unexpected(path + (is_secret_folder(path) ? " holds no secret" : " is empty"));
  return secrets;
}

}  // namespace arangosync::x509
