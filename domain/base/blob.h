// An immutable piece of document data that passes through the domain untouched.
//
// Value semantics; copying shares the bytes (they never change), so a batch is held once however many effects, events
// and retries mention it. Decisions may look at size and checksum, never at content: that is what lets a trace,
// which keeps only those two, replay without the documents. See docs/decisions/0003.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace arangosync {

class Blob {
public:
  Blob() = default;
  explicit Blob(std::string bytes);
  /// As read back from a trace: size and checksum are known, the content is not.
  static Blob described(std::size_t size_bytes, std::uint64_t checksum);

  std::size_t size_bytes() const { return size_bytes_; }
  std::uint64_t checksum() const { return checksum_; }  ///< FNV-1a-64 of the bytes
  bool has_content() const { return bytes_ != nullptr || size_bytes_ == 0; }
  /// Valid as long as any copy of this blob lives. Adapters only.
  std::string_view bytes() const;

  friend bool operator==(Blob const& a, Blob const& b) {
    return a.size_bytes_ == b.size_bytes_ && a.checksum_ == b.checksum_;
  }

private:
  std::shared_ptr<std::string const> bytes_;
  std::size_t size_bytes_ = 0;
  std::uint64_t checksum_ = 0;
};

std::uint64_t fnv1a_64(std::string_view bytes);

}  // namespace arangosync
