// What a walk through a value (reflection.h) tells. Abstract, so that the walk of a machine's vocabulary, which is slow
// to compile, is compiled once for all that is done with it; hash.h has one that is not, for the simulation's hottest
// path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace arangosync::trace {

class Sink {
public:
  virtual ~Sink() = default;
  virtual void open_object(std::string_view type) = 0;  ///< empty: a pair
  virtual void close_object() = 0;
  virtual void open_list(std::size_t size) = 0;
  virtual void close_list() = 0;
  virtual void next(std::string_view name) = 0;  ///< before every field (named) and every element (not)
  virtual void number(std::uint64_t value) = 0;
  virtual void number(std::int64_t value) = 0;
  virtual void enumerator(std::uint64_t value, std::string_view name) = 0;
  virtual void text(std::string_view value) = 0;
  virtual void secret(std::string_view value) = 0;
  virtual void blob(std::size_t size_bytes, std::uint64_t checksum) = 0;
  virtual void none() = 0;                                                 ///< an optional without value …
  virtual void some() = 0;                                                 ///< … or with the one that follows
  virtual void value() = 0;                                                ///< an outcome that is one …
  virtual void fault() = 0;                                                ///< … or none
  virtual void alternative(std::size_t index, std::string_view name) = 0;  ///< of a variant; follows
};

}  // namespace arangosync::trace
