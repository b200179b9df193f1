// What the compiler calls types, fields and enumerators, for everything that is walked by reflection.
//
// Taken from the signature that the compiler prints, so a name cannot drift from the code. Clang (only the fuzz targets
// are built with it) does not tell the names of fields; they are empty there and whoever needs them must fail safe.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>

namespace arangosync::trace {

namespace detail {

template <class T>
struct Holder {
  T value;
};
/// Only its address is ever taken, at compile time; defined nowhere.
template <class T>
extern Holder<T> const nowhere;

template <class T>
constexpr std::string_view signature_of_type() {
  return __PRETTY_FUNCTION__;
}
template <auto V>
constexpr std::string_view signature_of_value() {
  return __PRETTY_FUNCTION__;
}

constexpr std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  std::size_t const start = text.find(before) + before.size();
  return text.substr(start, text.find(after, start) - start);
}
constexpr std::string_view after_last_colon(std::string_view name) {
  std::size_t const colon = name.rfind("::");
  return colon == std::string_view::npos ? name : name.substr(colon + 2);
}
#if defined(__clang__)
inline constexpr std::string_view value_end = "]";
#else
inline constexpr std::string_view value_end = ";";
#endif

template <class T>
constexpr std::string_view find_type_name() {
  constexpr std::string_view project = "arangosync::";
  std::string_view const full = between(signature_of_type<T>(), "T = ", value_end);
  return full.starts_with(project) ? full.substr(project.size()) : full;
}
template <class T, std::size_t I>
constexpr std::string_view find_field_name() {
#if defined(__clang__)
  return {};
#else
  // … [with auto V = (& nowhere<T>.Holder<T>::value.T::the_field); …]
  constexpr std::string_view signature = signature_of_value<&boost::pfr::get<I>(nowhere<T>.value)>();
  std::string_view const path = signature.substr(0, signature.find(");"));
  return after_last_colon(path);
#endif
}

// Constants, because a walk asks for them at every step and must not search signatures while it runs.
template <class T>
inline constexpr std::string_view name_of_type = find_type_name<T>();
template <class T>
inline constexpr std::string_view short_name_of_type = after_last_colon(name_of_type<T>);
template <class T, std::size_t I>
inline constexpr std::string_view name_of_field = find_field_name<T, I>();

}  // namespace detail

/// "shard::sender::State": without the project's own namespace. Not for types with template arguments.
template <class T>
constexpr std::string_view type_name() {
  return detail::name_of_type<T>;
}
/// "State"
template <class T>
constexpr std::string_view short_type_name() {
  return detail::short_name_of_type<T>;
}

/// Name of the I-th field of an aggregate.
template <class T, std::size_t I>
constexpr std::string_view field_name() {
  return detail::name_of_field<T, I>;
}

/// Values from 0 that may have names; enumerations of the vocabularies are much smaller.
inline constexpr std::size_t enumerators_max = 32;

/// Name of an enumerator by value; empty: there is none.
template <class E>
constexpr std::array<std::string_view, enumerators_max> enumerator_names() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    auto const name = [](std::string_view signature) -> std::string_view {
      std::string_view const value = detail::between(signature, "V = ", detail::value_end);
      return value.starts_with('(') ? std::string_view() : detail::after_last_colon(value);
    };
    return std::array<std::string_view, enumerators_max>{name(detail::signature_of_value<static_cast<E>(I)>())...};
  }
  (std::make_index_sequence<enumerators_max>());
}

}  // namespace arangosync::trace
