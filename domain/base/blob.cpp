#include "domain/base/blob.h"

#include "domain/base/check.h"

#include <utility>

namespace arangosync {

std::uint64_t fnv1a_64(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (char const c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

Blob::Blob(std::string bytes) {
  if (bytes.empty()) return;  // all empty blobs are equal, however they were made
  bytes_ = std::make_shared<std::string const>(std::move(bytes));
  size_bytes_ = bytes_->size();
  checksum_ = fnv1a_64(*bytes_);
}

Blob Blob::described(std::size_t size_bytes, std::uint64_t checksum) {
  Blob blob;
  if (size_bytes == 0) return blob;
  blob.size_bytes_ = size_bytes;
  blob.checksum_ = checksum;
  return blob;
}

std::string_view Blob::bytes() const {
  DC_ASSERT(has_content());
  return bytes_ ? std::string_view(*bytes_) : std::string_view();
}

}  // namespace arangosync
