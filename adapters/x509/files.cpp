#include "adapters/x509/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace arangosync::x509 {

namespace {

constexpr std::size_t read_bytes_max = std::size_t{16} << 20;

std::string cannot(char const* verb, std::string const& path, int error) {
  return std::string("cannot ") + verb + " " + path + ": " + std::strerror(error);
}

class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor const&) = delete;
  Descriptor& operator=(Descriptor const&) = delete;
  ~Descriptor() { close(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  bool close() {
    int const was = std::exchange(number_, -1);
    return was < 0 || ::close(was) == 0;
  }

private:
  int number_;
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

/// The rename is lasting only once its folder is on disk, too.
void sync_folder(std::filesystem::path const& folder) {
  Descriptor const descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.is_open()) ::fsync(descriptor.number());
}

/// Folders get 0755 whatever the umask allows less.
int make_folders(std::filesystem::path const& folder) {
  if (folder.empty()) return 0;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error.value();
}

/// Where the bytes have to go: through symbolic links to the file behind them, so that the link stays one.
std::filesystem::path target_of(std::string const& path) {
  std::error_code error;
  auto const real = std::filesystem::canonical(path, error);
  return error ? std::filesystem::path(path) : real;
}

/// Writes `temporary` completely; 0 or the error's number.
int write_temporary(std::string& temporary, std::string_view content, mode_t mode) {
  Descriptor descriptor(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!descriptor.is_open()) {
    int const error = errno;
    temporary.clear();
    return error;
  }
  bool const whole = write_all(descriptor.number(), content) && ::fchmod(descriptor.number(), mode) == 0 &&
                     ::fsync(descriptor.number()) == 0 && descriptor.close();
  return whole ? 0 : errno;
}

}  // namespace

Expected<std::string, std::string> read_file(std::string const& path) {
  Descriptor const descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.is_open()) return unexpected(cannot("read", path, errno));
  std::string content;
  char buffer[16384];
  for (;;) {
    auto const got = ::read(descriptor.number(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unexpected(cannot("read", path, errno));
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > read_bytes_max) return unexpected(cannot("read", path, EFBIG));
  }
}

Expected<Done, std::string> write_file(std::string const& path, std::string_view content, mode_t mode) {
  std::filesystem::path const target = target_of(path);
  if (int const error = make_folders(target.parent_path())) return unexpected(cannot("write", path, error));
  struct stat present {};
  bool const exists = ::stat(target.c_str(), &present) == 0;
  if (exists && S_ISDIR(present.st_mode)) return unexpected(cannot("write", path, EISDIR));
  // A file made read-only on purpose stays as it is, though a rename would get past that.
  if (exists && ::access(target.c_str(), W_OK) != 0) return unexpected(cannot("write", path, errno));

  std::string temporary = target.string() + ".XXXXXX";
  int error = write_temporary(temporary, content, exists ? present.st_mode & 07777 : mode);
  if (error == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error != 0) {
    if (!temporary.empty()) ::unlink(temporary.c_str());
    return unexpected(cannot("write", path, error));
  }
  sync_folder(target.has_parent_path() ? target.parent_path() : ".");
  return Done{};
}

Expected<std::string, std::string> read_secret_file(std::string const& path) {
  auto content = read_file(path);
  if (!content) return content;
  content->erase(content->find_last_not_of(" \t\r\n\v\f") + 1);
  if (content->empty()) return unexpected("cannot read " + path + ": the file is empty");
  return content;
}

}  // namespace arangosync::x509
