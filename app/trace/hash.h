// Folds everything of a value into 64 bits (FNV-1a over words).
#pragma once

#include "app/trace/redaction.h"
#include "app/trace/sink.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace arangosync::trace {

/// As it is, secrets included.
class HashSink {
public:
  void open_object(std::string_view) {}
  void close_object() {}
  void open_list(std::size_t size) { number(static_cast<std::uint64_t>(size)); }
  void close_list() {}
  void next(std::string_view) {}
  void number(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001b3ULL ^ (hash_ >> 29U); }
  void number(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
  void enumerator(std::uint64_t value, std::string_view) { number(value); }
  void text(std::string_view value) {
    number(static_cast<std::uint64_t>(value.size()));
    std::uint64_t word = 0xcbf29ce484222325ULL;
    for (char const c : value) word = (word ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    number(word);
  }
  void secret(std::string_view value) { text(value); }
  void blob(std::size_t size_bytes, std::uint64_t checksum) {
    number(static_cast<std::uint64_t>(size_bytes));
    number(checksum);
  }
  void none() { number(std::uint64_t{0}); }
  void some() { number(std::uint64_t{1}); }
  void value() { number(std::uint64_t{1}); }
  void fault() { number(std::uint64_t{0}); }
  void alternative(std::size_t index, std::string_view) { number(static_cast<std::uint64_t>(index)); }
  std::uint64_t hash() const { return hash_; }

private:
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

/// What a trace keeps of it: equal for a value and for what is read back of it.
class TracedHashSink final : public Sink {
public:
  explicit TracedHashSink(Redactor& redactor) : redactor_(redactor) {}

  void open_object(std::string_view) override {}
  void close_object() override {}
  void open_list(std::size_t size) override { fold_.open_list(size); }
  void close_list() override {}
  void next(std::string_view) override {}
  void number(std::uint64_t value) override { fold_.number(value); }
  void number(std::int64_t value) override { fold_.number(value); }
  void enumerator(std::uint64_t value, std::string_view) override { fold_.number(value); }
  void text(std::string_view value) override { fold_.text(is_pem(value) ? redactor_.redacted(value) : value); }
  void secret(std::string_view value) override { fold_.text(redactor_.redacted(value)); }
  void blob(std::size_t size_bytes, std::uint64_t checksum) override { fold_.blob(size_bytes, checksum); }
  void none() override { fold_.none(); }
  void some() override { fold_.some(); }
  void value() override { fold_.value(); }
  void fault() override { fold_.fault(); }
  void alternative(std::size_t index, std::string_view name) override { fold_.alternative(index, name); }
  std::uint64_t hash() const { return fold_.hash(); }

private:
  HashSink fold_;
  Redactor& redactor_;
};

}  // namespace arangosync::trace
