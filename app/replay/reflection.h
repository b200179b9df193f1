// Walks any command, event or effect field by field, to hash it or to print it. Included only by describe_*.cpp.
//
// The vocabularies are plain aggregates; walking them by reflection keeps the trace complete when a field is added,
// which a hand-written list would not.
#pragma once

#include "domain/base/blob.h"
#include "domain/base/instant.h"
#include "domain/base/result.h"
#include "domain/base/strong.h"

#include <cxxabi.h>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

#include <boost/pfr/core.hpp>

namespace arangosync::replay {

/// Folds everything into 64 bits (FNV-1a over words).
class HashSink {
public:
  void begin(char const*) {}
  void end() {}
  void separator() {}
  void number(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001b3ULL ^ (hash_ >> 29); }
  void text(std::string_view value) {
    number(value.size());
    std::uint64_t word = 0xcbf29ce484222325ULL;
    for (char const c : value) word = (word ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    number(word);
  }
  void blob(std::size_t size, std::uint64_t checksum) {
    number(size);
    number(checksum);
  }
  std::uint64_t hash() const { return hash_; }

private:
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

/// Prints one line: Name{field, field}. Long texts are cut; blobs are shown by size and checksum.
class TextSink {
public:
  void begin(char const* mangled) {
    if (mangled != nullptr) line_ += last_name(mangled);
    line_ += '{';
  }
  void end() {
    if (line_.ends_with(", ")) line_.resize(line_.size() - 2);
    line_ += '}';
  }
  void separator() { line_ += ", "; }
  void number(std::uint64_t value) { line_ += std::to_string(static_cast<std::int64_t>(value)); }
  void text(std::string_view value) {
    line_ += value.substr(0, 60);
    if (value.size() > 60) line_ += "…";
  }
  void blob(std::size_t size, std::uint64_t checksum) {
    line_ += std::to_string(size) + "B#" + std::to_string(checksum & 0xffff);
  }
  std::string take() { return std::move(line_); }

private:
  static std::string last_name(char const* mangled) {
    int status = 0;
    std::unique_ptr<char, void (*)(void*)> const name(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                      std::free);
    std::string const full = status == 0 ? name.get() : mangled;
    auto const at = full.rfind("::");
    return at == std::string::npos ? full : full.substr(at + 2);
  }
  std::string line_;
};

template <class T>
inline constexpr bool is_strong = false;
template <class Tag, class V>
inline constexpr bool is_strong<Strong<Tag, V>> = true;
template <class Tag>
inline constexpr bool is_strong<StrongCounter<Tag>> = true;

template <class Sink, class T>
void walk(Sink& sink, T const& value);

template <class Sink, class A, class B>
void walk(Sink& sink, std::pair<A, B> const& value) {
  walk(sink, value.first);
  sink.separator();
  walk(sink, value.second);
}
template <class Sink, class T>
void walk(Sink& sink, std::optional<T> const& value) {
  sink.number(value ? 1 : 0);
  sink.separator();
  if (value) walk(sink, *value);
}
template <class Sink, class T, class E>
void walk(Sink& sink, tl::expected<T, E> const& value) {
  sink.number(value ? 1 : 0);
  sink.separator();
  if (value) {
    walk(sink, *value);
  } else {
    walk(sink, value.error());
  }
}
template <class Sink, class... Ts>
void walk(Sink& sink, std::variant<Ts...> const& value) {
  if constexpr (std::is_same_v<Sink, HashSink>) sink.number(value.index());
  std::visit([&](auto const& alternative) { walk(sink, alternative); }, value);
}

template <class Sink, class Range>
void walk_range(Sink& sink, Range const& range) {
  if constexpr (std::is_same_v<Sink, HashSink>) sink.number(range.size());
  sink.begin(nullptr);
  for (auto const& element : range) {
    walk(sink, element);
    sink.separator();
  }
  sink.end();
}
template <class Sink, class T>
void walk(Sink& sink, std::vector<T> const& value) {
  walk_range(sink, value);
}
template <class Sink, class T>
void walk(Sink& sink, std::deque<T> const& value) {
  walk_range(sink, value);
}
template <class Sink, class T>
void walk(Sink& sink, std::set<T> const& value) {
  walk_range(sink, value);
}
template <class Sink, class K, class V>
void walk(Sink& sink, std::map<K, V> const& value) {
  walk_range(sink, value);
}

template <class Sink, class T>
void walk(Sink& sink, T const& value) {
  if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    sink.number(static_cast<std::uint64_t>(value));
  } else if constexpr (std::is_same_v<T, std::string>) {
    sink.text(value);
  } else if constexpr (is_strong<T>) {
    walk(sink, value.value());
  } else if constexpr (std::is_same_v<T, Instant>) {
    sink.number(static_cast<std::uint64_t>(value.since_start().count()));
  } else if constexpr (std::is_same_v<T, WallTime>) {
    sink.number(static_cast<std::uint64_t>(value.since_epoch().count()));
  } else if constexpr (std::is_same_v<T, Duration>) {
    sink.number(static_cast<std::uint64_t>(value.count()));
  } else if constexpr (std::is_same_v<T, Blob>) {
    sink.blob(value.size_bytes(), value.checksum());
  } else {
    static_assert(std::is_aggregate_v<T>, "teach walk() this type");
    sink.begin(typeid(T).name());
    boost::pfr::for_each_field(value, [&](auto const& field) {
      walk(sink, field);
      sink.separator();
    });
    sink.end();
  }
}

template <class T>
std::uint64_t fingerprint_of(T const& value) {
  HashSink sink;
  walk(sink, value);
  return sink.hash();
}
template <class T>
std::string description_of(T const& value) {
  TextSink sink;
  walk(sink, value);
  return sink.take();
}

}  // namespace arangosync::replay
