// The bodies of dump, wal/tail and logger-follow: one JSON object per line (spec arangodb-read 5.4, 6.5, 6.9.4).
//
// Each line is parsed once, with simdjson on demand, and only as far as its envelope: which shard, which key, which
// revision. The document's bytes are handed on as they came; numbers in it are never converted. Untrusted input; never
// throws.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace arangosync::cluster {

/// One marker of the log. Views are valid until the next line is read.
struct Marker {
  int type = 0;  ///< 2300, 2302, … (spec 6.5)
  std::uint64_t tick = 0;
  std::string_view database;  ///< empty in logger-follow, which is about one database
  std::string_view tid;       ///< "0": complete by itself; empty: not part of any transaction
  std::string_view shard;     ///< cname, or the part of cuid behind the slash
  std::string_view key;       ///< of documents
  std::string_view revision;  ///< of documents
  std::string_view document;  ///< 2300: the bytes of `data`
};

/// One document of a dump, with or without the envelope of older servers.
struct DumpedDocument {
  std::string_view key;
  std::string_view revision;
  std::string_view document;
};

/// Walks over the lines of one body. Keeps the body; not thread-safe.
class Lines {
public:
  explicit Lines(std::string body);
  ~Lines();

  enum class Next { Read, End, Broken };
  Next next(Marker& marker);
  Next next(DumpedDocument& document);
  std::size_t line_number() const { return line_number_; }  ///< of the line last read, from 1

private:
  struct Impl;
  bool take_line(std::string_view& line);

  std::string body_;
  std::size_t size_ = 0;
  std::size_t at_ = 0;
  std::size_t line_number_ = 0;
  std::unique_ptr<Impl> impl_;
};

/// Removes the member `_id` of a JSON object by cutting its text; everything else stays as it is, byte for byte.
/// Appends to `out`; false if `document` is no object.
class IdCutter {
public:
  IdCutter();
  ~IdCutter();
  bool append_without_id(std::string_view document, std::string& out);

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arangosync::cluster
