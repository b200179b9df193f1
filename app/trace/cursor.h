// Reads the text form of encode.h piece by piece. Never trusts it: the first thing that does not fit ends the reading,
// and problem() says what and where.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace arangosync::trace {

class Cursor {
public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool failed() const { return problem_.has_value(); }
  /// Empty: everything was as it should be.
  std::string problem() const { return problem_.value_or(""); }
  bool at_end() const { return at_ == text_.size(); }
  void fail(std::string_view expected);

  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  /// Takes `c` if it is next.
  bool take(char c) {
    if (failed() || !next_is(c)) return false;
    ++at_;
    return true;
  }
  void demand(char c) {
    if (!take(c)) fail(std::string_view(&c, 1));
  }
  /// Letters, digits, '_' and ':' up to anything else; may be empty.
  std::string_view word();
  /// A quoted text.
  std::string text();
  /// Everything up to `stop`, which stays; or up to the end.
  std::string_view until(char stop);
  std::string_view rest() { return failed() ? std::string_view() : text_.substr(at_); }
  template <class Number>
  Number number(int base = 10) {
    Number value{};
    if (failed()) return value;
    auto const [end, failure] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value, base);
    if (failure != std::errc{}) fail("a number");
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }
  /// Goes through `[a,b,…]` or `{a,b,…}`, calling `element` for each; stops at the first failure.
  template <class Element>
  void each(char open, char close, Element element) {
    demand(open);
    if (failed() || take(close)) return;
    do {
      element();
    } while (take(','));
    demand(close);
  }

private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<std::string> problem_;
};

}  // namespace arangosync::trace
