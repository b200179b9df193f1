#include "app/cli/files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace arangosync::cli {

namespace {

std::string failed_to(std::string_view verb, std::string const& path, int error) {
  return "Failed to " + std::string(verb) + " " + path + ": " + std::strerror(error);
}

class Descriptor {
public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor const&) = delete;
  Descriptor& operator=(Descriptor const&) = delete;
  ~Descriptor() { close(); }

  int get() const { return value_; }
  bool close() {
    int const was = std::exchange(value_, -1);
    return was < 0 || ::close(was) == 0;
  }

private:
  int value_;
};

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    auto const written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// A file that is complete but not yet under its name; removed again if it never gets there.
class Staged {
public:
  Staged(std::string temporary, std::string path) : temporary_(std::move(temporary)), path_(std::move(path)) {}
  Staged(Staged&& other) noexcept : temporary_(std::move(other.temporary_)), path_(std::move(other.path_)) {
    other.temporary_.clear();
  }
  Staged& operator=(Staged&&) = delete;
  ~Staged() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  bool publish() {
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return false;
    temporary_.clear();
    return true;
  }

private:
  std::string temporary_;
  std::string path_;
};

/// Where a name leads through links, so that a rename replaces the file and not the link.
std::string resolved(std::string const& path) {
  std::error_code failed;
  auto const real = std::filesystem::canonical(path, failed);
  return failed ? path : real.string();
}

Expected<Staged, std::string> stage(NewFile const& file) {
  std::error_code failed;
  auto const parent = std::filesystem::path(file.path).parent_path();
  if (file.makes_folders && !parent.empty()) std::filesystem::create_directories(parent, failed);
  if (failed) return unexpected(failed_to("write", file.path, failed.value()));

  std::string const target = resolved(file.path);
  struct stat old {};
  bool const exists = ::stat(target.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode))
    return unexpected(failed_to("write", file.path, S_ISDIR(old.st_mode) ? EISDIR : EINVAL));
  if (exists && ::access(target.c_str(), W_OK) != 0) return unexpected(failed_to("write", file.path, errno));

  std::string temporary = target + ".XXXXXX";
  Descriptor descriptor(::mkstemp(temporary.data()));
  if (descriptor.get() < 0) return unexpected(failed_to("write", file.path, errno));
  Staged staged(temporary, target);
  mode_t const mode = exists ? old.st_mode & 07777 : file.mode;
  // The owner follows the old file where we may (root); otherwise the new one is ours, as any editor would leave it.
  if (exists && ::fchown(descriptor.get(), old.st_uid, old.st_gid) != 0) errno = 0;
  if (::fchmod(descriptor.get(), mode) != 0 || !write_all(descriptor.get(), file.content) ||
      ::fsync(descriptor.get()) != 0 || !descriptor.close()) {
    return unexpected(failed_to("write", file.path, errno));
  }
  return staged;
}

}  // namespace

Expected<std::string, std::string> read_file(std::string const& path) {
  Descriptor const descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) return unexpected(failed_to("read", path, errno));
  std::string content;
  char buffer[16384];
  for (;;) {
    auto const got = ::read(descriptor.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unexpected(failed_to("read", path, errno));
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > read_bytes_max) return unexpected(failed_to("read", path, EFBIG));
  }
}

bool is_readable_file(std::string const& path) {
  std::error_code failed;
  return std::filesystem::is_regular_file(path, failed) && ::access(path.c_str(), R_OK) == 0;
}

Expected<Done, std::string> write_files(std::vector<NewFile> const& files) {
  std::vector<Staged> staged;
  for (auto const& file : files) {
    auto one = stage(file);
    if (!one) return unexpected(one.error());
    staged.push_back(std::move(*one));
  }
  for (std::size_t i = 0; i < staged.size(); ++i) {
    if (!staged[i].publish()) return unexpected(failed_to("write", files[i].path, errno));
  }
  return Done{};
}

std::string trim_right(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n\v\f") + 1);
  return text;
}

}  // namespace arangosync::cli
