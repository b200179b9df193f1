// Says what a type looks like, down to the last field: two builds that say the same read each other's traces. Included
// only by the .cpp files of this room.
#pragma once

#include "app/trace/reflection.h"

#include <functional>
#include <set>
#include <string>

namespace arangosync::trace {

/// Collects the description of a type and of all it is made of, each named type once.
class Schema {
public:
  template <class T>
  void add() {
    describe(static_cast<T const*>(nullptr));
  }
  std::string take() { return std::move(text_); }

private:
  template <class... Ts>
  void compound(std::string_view kind) {
    text_ += kind;
    text_ += '<';
    ((describe(static_cast<Ts const*>(nullptr)), text_ += ','), ...);
    text_ += '>';
  }
  template <class A, class B>
  void describe(std::pair<A, B> const*) {
    compound<A, B>("pair");
  }
  template <class T>
  void describe(std::optional<T> const*) {
    compound<T>("optional");
  }
  template <class T, class E>
  void describe(tl::expected<T, E> const*) {
    compound<T, E>("outcome");
  }
  template <class... Ts>
  void describe(std::variant<Ts...> const*) {
    compound<Ts...>("variant");
  }
  template <class T>
  void describe(std::vector<T> const*) {
    compound<T>("list");
  }
  template <class T>
  void describe(std::deque<T> const*) {
    compound<T>("list");
  }
  template <class T>
  void describe(Fifo<T> const*) {
    compound<T>("list");
  }
  template <class T, std::size_t Size>
  void describe(std::array<T, Size> const*) {
    compound<T>("array" + std::to_string(Size));
  }
  template <class T>
  void describe(std::set<T> const*) {
    compound<T>("set");
  }
  template <class K, class V>
  void describe(std::map<K, V> const*) {
    compound<K, V>("map");
  }
  template <class K, class V>
  void describe(worker::PersistentMap<K, V> const*) {
    compound<K, V>("map");
  }
  template <class T>
  void describe(worker::Shared<T> const*) {
    describe(static_cast<T const*>(nullptr));
  }

  template <class T>
  void describe(T const*) {
    if constexpr (std::is_enum_v<T>) {
      enumeration<T>();
    } else if constexpr (std::is_integral_v<T>) {
      text_ += std::is_signed_v<T> ? 'i' : 'u';
      text_ += std::to_string(sizeof(T) * 8);
    } else if constexpr (std::is_same_v<T, std::string>) {
      text_ += "text";
    } else if constexpr (std::is_same_v<T, Token>) {
      text_ += "token";
    } else if constexpr (is_strong<T>) {
      describe(static_cast<std::decay_t<decltype(std::declval<T>().value())> const*>(nullptr));
    } else if constexpr (std::is_same_v<T, Instant> || std::is_same_v<T, WallTime> || std::is_same_v<T, Duration> ||
                         std::is_same_v<T, Blob>) {
      text_ += type_name<T>();
    } else {
      static_assert(std::is_aggregate_v<T>, "teach walk(), read() and Schema this type");
      fields<T>();
    }
  }

  template <class T>
  void enumeration() {
    text_ += type_name<T>();
    if (!known_.emplace(type_name<T>()).second) return;
    text_ += '(';
    for (std::string_view const name : enumerator_names<T>()) {
      if (!name.empty()) (text_ += name) += ',';
    }
    text_ += ')';
  }
  template <class T>
  void fields() {
    text_ += type_name<T>();
    if (!known_.emplace(type_name<T>()).second) return;
    text_ += '{';
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((text_ += field_name<T, I>(), text_ += is_secret_field<T, I> ? "!" : ":",
        describe(static_cast<boost::pfr::tuple_element_t<I, T> const*>(nullptr)), text_ += ','),
       ...);
    }
    (std::make_index_sequence<boost::pfr::tuple_size_v<T>>());
    text_ += '}';
  }

  std::string text_;
  std::set<std::string, std::less<>> known_;
};

template <class... Ts>
std::string schema_of() {
  Schema schema;
  (schema.add<Ts>(), ...);
  return schema.take();
}

}  // namespace arangosync::trace
