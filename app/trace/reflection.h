// Walks any command, event, effect or state field by field. Included only by the .cpp files of this room.
//
// The vocabularies are plain aggregates; walking them by reflection keeps every trace complete when a field is added,
// which a hand-written list would not. A sink (sink.h) is told of each piece; decode.h is the way back and schema.h
// says what the types look like: whoever teaches one of them a type teaches all three.
#pragma once

#include "app/trace/names.h"
#include "domain/base/blob.h"
#include "domain/base/fifo.h"
#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/base/result.h"
#include "domain/base/strong.h"
#include "domain/worker/persistent_map.h"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace arangosync::trace {

template <class T>
inline constexpr bool is_strong = false;
template <class Tag, class V>
inline constexpr bool is_strong<Strong<Tag, V>> = true;
template <class Tag>
inline constexpr bool is_strong<StrongCounter<Tag>> = true;

template <class T>
inline constexpr bool is_template = false;
template <template <class...> class Template, class... Ts>
inline constexpr bool is_template<Template<Ts...>> = true;

/// Texts that must not be written anywhere: tokens have a type, the rest is known by the name of its field. Where the
/// compiler does not tell names, every text is one.
constexpr bool is_secret_name(std::string_view field) {
  return field.empty() || field.ends_with("key") || field.ends_with("token") || field.ends_with("secret") ||
         field.ends_with("password");
}
template <class T, std::size_t I>
inline constexpr bool is_secret_field =
    std::is_same_v<boost::pfr::tuple_element_t<I, T>, std::string>&& is_secret_name(field_name<T, I>());

namespace detail {
template <class Variant, std::size_t I>
constexpr std::string_view find_alternative_name() {
  using Alternative = std::variant_alternative_t<I, Variant>;
  if constexpr (is_template<Alternative> || !std::is_class_v<Alternative>) {
    return {};
  } else {
    constexpr std::size_t namesakes = []<class... Ts>(std::variant<Ts...> const*) {
      auto const is_one = []<class T>(T const*) {
        if constexpr (is_template<T> || !std::is_class_v<T>)
          return false;
        else
          return short_type_name<T>() == short_type_name<Alternative>();
      };
      return (std::size_t{0} + ... + (is_one(static_cast<Ts const*>(nullptr)) ? 1U : 0U));
    }(static_cast<Variant const*>(nullptr));
    return namesakes == 1 ? short_type_name<Alternative>() : type_name<Alternative>();
  }
}
template <class Variant, std::size_t I>
inline constexpr std::string_view name_of_alternative = find_alternative_name<Variant, I>();
}  // namespace detail

/// How an alternative of a variant is called: by the short name of its type if no other one has it, by the full name
/// if it has one, else by its number.
template <class Variant, std::size_t I>
constexpr std::string_view alternative_name() {
  return detail::name_of_alternative<Variant, I>;
}

template <class Sink, class T>
void walk(Sink& sink, T const& value);

template <class Sink, class A, class B>
void walk(Sink& sink, std::pair<A, B> const& value) {
  sink.open_object({});
  sink.next({});
  walk(sink, value.first);
  sink.next({});
  walk(sink, value.second);
  sink.close_object();
}
template <class Sink, class T>
void walk(Sink& sink, std::optional<T> const& value) {
  if (!value) return sink.none();
  sink.some();
  walk(sink, *value);
}
template <class Sink, class T, class E>
void walk(Sink& sink, tl::expected<T, E> const& value) {
  if (value) {
    sink.value();
    walk(sink, *value);
  } else {
    sink.fault();
    walk(sink, value.error());
  }
}
template <class Sink, class... Ts>
void walk(Sink& sink, std::variant<Ts...> const& value) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    static_cast<void>(((value.index() == I && (sink.alternative(I, alternative_name<std::variant<Ts...>, I>()),
                                               walk(sink, *std::get_if<I>(&value)), true)) ||
                       ...));
  }
  (std::index_sequence_for<Ts...>());
}

template <class Sink, class Range>
void walk_range(Sink& sink, Range const& range) {
  sink.open_list(range.size());
  for (auto const& element : range) {
    sink.next({});
    walk(sink, element);
  }
  sink.close_list();
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
void walk(Sink& sink, Fifo<T> const& value) {
  walk_range(sink, value);
}
template <class Sink, class T, std::size_t Size>
void walk(Sink& sink, std::array<T, Size> const& value) {
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
template <class Sink, class K, class V>
void walk(Sink& sink, worker::PersistentMap<K, V> const& value) {
  sink.open_list(value.size());
  value.for_each([&](K const& key, V const& held) {
    sink.next({});
    sink.open_object({});
    sink.next({});
    walk(sink, key);
    sink.next({});
    walk(sink, held);
    sink.close_object();
  });
  sink.close_list();
}
template <class Sink, class T>
void walk(Sink& sink, worker::Shared<T> const& value) {
  walk(sink, *value);
}

template <class Sink, class T>
void walk_fields(Sink& sink, T const& value) {
  sink.open_object(short_type_name<T>());
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    [[maybe_unused]] auto const field = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
      sink.next(field_name<T, N>());
      if constexpr (is_secret_field<T, N>) {
        sink.secret(boost::pfr::get<N>(value));
      } else {
        walk(sink, boost::pfr::get<N>(value));
      }
    };
    (field(std::integral_constant<std::size_t, I>()), ...);
  }
  (std::make_index_sequence<boost::pfr::tuple_size_v<T>>());
  sink.close_object();
}

template <class Sink, class T>
void walk(Sink& sink, T const& value) {
  if constexpr (std::is_enum_v<T>) {
    static constexpr auto names = enumerator_names<T>();
    auto const number = static_cast<std::uint64_t>(value);
    sink.enumerator(number, number < names.size() ? names[number] : std::string_view());
  } else if constexpr (std::is_integral_v<T>) {
    if constexpr (std::is_signed_v<T>) {
      sink.number(static_cast<std::int64_t>(value));
    } else {
      sink.number(static_cast<std::uint64_t>(value));
    }
  } else if constexpr (std::is_same_v<T, std::string>) {
    sink.text(value);
  } else if constexpr (std::is_same_v<T, Token>) {
    sink.secret(value.value());
  } else if constexpr (is_strong<T>) {
    walk(sink, value.value());
  } else if constexpr (std::is_same_v<T, Instant>) {
    sink.number(static_cast<std::int64_t>(value.since_start().count()));
  } else if constexpr (std::is_same_v<T, WallTime>) {
    sink.number(static_cast<std::int64_t>(value.since_epoch().count()));
  } else if constexpr (std::is_same_v<T, Duration>) {
    sink.number(static_cast<std::int64_t>(value.count()));
  } else if constexpr (std::is_same_v<T, Blob>) {
    sink.blob(value.size_bytes(), value.checksum());
  } else {
    static_assert(std::is_aggregate_v<T>, "teach walk(), read() and Schema this type");
    walk_fields(sink, value);
  }
}

}  // namespace arangosync::trace
