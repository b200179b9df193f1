#include "app/trace/cursor.h"

namespace arangosync::trace {

namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

void Cursor::fail(std::string_view expected) {
  if (problem_) return;
  problem_ = "column " + std::to_string(at_ + 1) + ": expected " + std::string(expected);
}

std::string_view Cursor::word() {
  std::size_t const start = at_;
  if (failed()) return {};
  while (at_ < text_.size() && is_word(text_[at_])) ++at_;
  return text_.substr(start, at_ - start);
}

std::string_view Cursor::until(char stop) {
  std::size_t const start = at_;
  if (failed()) return {};
  while (at_ < text_.size() && text_[at_] != stop) ++at_;
  return text_.substr(start, at_ - start);
}

std::string Cursor::text() {
  std::string read;
  demand('"');
  while (!failed() && !take('"')) {
    if (at_ == text_.size()) {
      fail("the end of a text");
    } else if (!take('\\')) {
      read += text_[at_++];
    } else if (take('x')) {
      int const high = at_ + 1 < text_.size() ? hex_value(text_[at_]) : -1;
      int const low = high >= 0 ? hex_value(text_[at_ + 1]) : -1;
      if (low < 0) {
        fail("two hex digits");
      } else {
        read += static_cast<char>(high * 16 + low);
        at_ += 2;
      }
    } else if (next_is('"') || next_is('\\')) {
      read += text_[at_++];
    } else {
      fail("an escaped character");
    }
  }
  return read;
}

}  // namespace arangosync::trace
