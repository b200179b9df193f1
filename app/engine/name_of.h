// The name of what a (possibly nested) variant holds, for logs and traces: "ShardStarted", "StreamEvent.Sent".
// Taken from the compiler, so it cannot drift from the code; never parsed by anything.
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace arangosync::engine {

namespace detail {

template <class T>
constexpr std::string_view raw_type_name() {
  std::string_view const text = __PRETTY_FUNCTION__;
  std::size_t const start = text.find("T = ") + 4;
  std::size_t end = text.find_first_of(";]", start);
  return text.substr(start, end - start);
}

constexpr std::string_view last_part(std::string_view name) {
  std::size_t const colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

template <class T>
struct NameOf {
  static std::string of(T const&) { return std::string(last_part(raw_type_name<T>())); }
};

template <class... Ts>
struct NameOf<std::variant<Ts...>> {
  static std::string of(std::variant<Ts...> const& value) {
    return std::visit([](auto const& held) { return NameOf<std::decay_t<decltype(held)>>::of(held); }, value);
  }
};

}  // namespace detail

template <class T>
std::string name_of(T const& value) {
  return detail::NameOf<T>::of(value);
}

}  // namespace arangosync::engine
