// A sink that prints for people: Name{field=value, …}. Long texts are cut, secrets are redacted, blobs are shown by
// size and checksum, instants and durations are nanoseconds.
#pragma once

#include "app/trace/redaction.h"
#include "app/trace/sink.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arangosync::trace {

class TextSink final : public Sink {
public:
  explicit TextSink(Redactor& redactor) : redactor_(redactor) {}

  void open_object(std::string_view type) override { open(type, '{'); }
  void close_object() override { close('}'); }
  void open_list(std::size_t) override { open({}, '['); }
  void close_list() override { close(']'); }
  void next(std::string_view name) override {
    if (!std::exchange(is_first_, false)) line_ += ", ";
    if (name.empty()) return;
    line_ += name;
    line_ += '=';
  }
  void number(std::uint64_t value) override { line_ += std::to_string(value); }
  void number(std::int64_t value) override { line_ += std::to_string(value); }
  void enumerator(std::uint64_t value, std::string_view name) override {
    if (name.empty()) {
      number(value);
    } else {
      line_ += name;
    }
  }
  void text(std::string_view value) override {
    if (is_pem(value)) value = redactor_.redacted(value);
    line_ += '"';
    for (char const c : value.substr(0, text_bytes_max)) line_ += c == '"' || c == '\n' ? '\'' : c;
    if (value.size() > text_bytes_max) line_ += "…";
    line_ += '"';
  }
  void secret(std::string_view value) override { text(redactor_.redacted(value)); }
  void blob(std::size_t size, std::uint64_t checksum) override {
    line_ += std::to_string(size) + "B#" + std::to_string(checksum & 0xffff);
  }
  void none() override { line_ += "none"; }
  void some() override {}
  void value() override {}
  void fault() override {}
  void alternative(std::size_t, std::string_view) override {}
  std::string take() { return std::move(line_); }

private:
  static constexpr std::size_t text_bytes_max = 80;

  void open(std::string_view type, char bracket) {
    line_ += type;
    line_ += bracket;
    is_first_ = true;
  }
  void close(char bracket) {
    line_ += bracket;
    is_first_ = false;
  }

  Redactor& redactor_;
  std::string line_;
  bool is_first_ = true;
};

}  // namespace arangosync::trace
