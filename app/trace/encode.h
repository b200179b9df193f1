// A sink that writes a value in one line of text from which decode.h reads the same value back, secrets excepted
// (redaction.h) and documents excepted (Blob: size and checksum).
//
//   object {a,b}   list [a,b]   text "a\n"   enumerator Retry   blob #17.9f3c   none _   outcome +value or !fault
//   alternative of a variant: the name of its type before it, LeaseRead{…}; ~2 before what has no name
#pragma once

#include "app/trace/redaction.h"
#include "app/trace/sink.h"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace arangosync::trace {

class EncodeSink final : public Sink {
public:
  /// Appends to `line`.
  EncodeSink(std::string& line, Redactor& redactor) : line_(line), redactor_(redactor) {}

  void open_object(std::string_view) override { open('{'); }
  void close_object() override { close('}'); }
  void open_list(std::size_t) override { open('['); }
  void close_list() override { close(']'); }
  void next(std::string_view) override {
    if (!std::exchange(is_first_, false)) line_ += ',';
  }
  void number(std::uint64_t value) override { digits(value, 10); }
  void number(std::int64_t value) override { digits(value, 10); }
  void enumerator(std::uint64_t value, std::string_view name) override {
    if (name.empty()) {
      number(value);
    } else {
      line_ += name;
    }
  }
  void text(std::string_view value) override { quoted(is_pem(value) ? redactor_.redacted(value) : value); }
  void secret(std::string_view value) override { quoted(redactor_.redacted(value)); }
  void blob(std::size_t size, std::uint64_t checksum) override {
    line_ += '#';
    digits(static_cast<std::uint64_t>(size), 10);
    line_ += '.';
    digits(checksum, 16);
  }
  void none() override { line_ += '_'; }
  void some() override {}
  void value() override { line_ += '+'; }
  void fault() override { line_ += '!'; }
  void alternative(std::size_t index, std::string_view name) override {
    if (!name.empty()) {
      line_ += name;
      return;
    }
    line_ += '~';
    number(static_cast<std::uint64_t>(index));
    line_ += ' ';
  }

private:
  void open(char bracket) {
    line_ += bracket;
    is_first_ = true;
  }
  void close(char bracket) {
    line_ += bracket;
    is_first_ = false;
  }
  template <class Number>
  void digits(Number value, int base) {
    char buffer[24];
    auto const end = std::to_chars(buffer, buffer + sizeof buffer, value, base).ptr;
    line_.append(buffer, end);
  }
  void quoted(std::string_view value) {
    line_ += '"';
    for (char const c : value) {
      if (c == '"' || c == '\\') {
        line_ += '\\';
        line_ += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        constexpr std::string_view hex = "0123456789abcdef";
        line_ += "\\x";
        line_ += hex[static_cast<unsigned char>(c) >> 4U];
        line_ += hex[static_cast<unsigned char>(c) & 0xfU];
      } else {
        line_ += c;
      }
    }
    line_ += '"';
  }

  std::string& line_;
  Redactor& redactor_;
  bool is_first_ = true;
};

}  // namespace arangosync::trace
