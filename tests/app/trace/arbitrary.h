// Makes any value of the vocabularies by reflection, from a seed: so that a law about "every command" is about every
// command, also those that are added later.
#pragma once

#include "app/trace/reflection.h"
#include "domain/base/entropy.h"

#include <cstdint>
#include <limits>
#include <string>

namespace arangosync::trace {

/// A Draw of this namespace: so that every fill() below is found wherever one calls another.
class Chance : public Draw {
public:
  using Draw::Draw;
};

template <class T>
void fill(Chance& draw, T& value);

/// Texts that a text form may stumble over, and secrets that look like ours.
inline std::string arbitrary_text(Chance& draw) {
  static std::string const awkward[] = {"",
                                        "plain",
                                        "\"quoted\", {x} [y]",
                                        "back\\slash",
                                        "line\nfeed\ttab\x01",
                                        "Ä😀",
                                        "_",
                                        "~1 ",
                                        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"};
  std::uint64_t const which = draw.below(std::size(awkward) + 2);
  if (which < std::size(awkward)) return awkward[which];
  return which == std::size(awkward) ? draw.hex(64) : draw.alphanumeric(20);
}
inline std::uint64_t arbitrary_number(Chance& draw) {
  switch (draw.below(4)) {
    case 0:
      return draw.below(3);
    case 1:
      return std::numeric_limits<std::uint64_t>::max() - draw.below(2);
    default:
      return draw.next();
  }
}

template <class A, class B>
void fill(Chance& draw, std::pair<A, B>& value) {
  fill(draw, value.first);
  fill(draw, value.second);
}
template <class T>
void fill(Chance& draw, std::optional<T>& value) {
  if (draw.below(2) == 0) return;
  fill(draw, value.emplace());
}
template <class T, class E>
void fill(Chance& draw, tl::expected<T, E>& value) {
  if (draw.below(2) == 0) {
    T held{};
    fill(draw, held);
    value = std::move(held);
  } else {
    E error{};
    fill(draw, error);
    value = tl::make_unexpected(std::move(error));
  }
}
template <class... Ts>
void fill(Chance& draw, std::variant<Ts...>& value) {
  std::uint64_t const index = draw.below(sizeof...(Ts));
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((I == index ? fill(draw, value.template emplace<I>()) : void()), ...);
  }
  (std::index_sequence_for<Ts...>());
}
template <class List>
void fill_list(Chance& draw, List& value) {
  for (std::uint64_t left = draw.below(3); left > 0; --left) fill(draw, value.emplace_back());
}
template <class T>
void fill(Chance& draw, std::vector<T>& value) {
  fill_list(draw, value);
}
template <class T>
void fill(Chance& draw, std::deque<T>& value) {
  fill_list(draw, value);
}
template <class T>
void fill(Chance& draw, Fifo<T>& value) {
  fill_list(draw, value);
}
template <class T, std::size_t Size>
void fill(Chance& draw, std::array<T, Size>& value) {
  for (T& element : value) fill(draw, element);
}
template <class T>
void fill(Chance& draw, std::set<T>& value) {
  for (std::uint64_t left = draw.below(3); left > 0; --left) {
    T element{};
    fill(draw, element);
    value.insert(std::move(element));
  }
}
template <class K, class V>
void fill(Chance& draw, std::map<K, V>& value) {
  for (std::uint64_t left = draw.below(3); left > 0; --left) {
    std::pair<K, V> entry{};
    fill(draw, entry);
    value.insert(std::move(entry));
  }
}
template <class K, class V>
void fill(Chance& draw, worker::PersistentMap<K, V>& value) {
  for (std::uint64_t left = draw.below(3); left > 0; --left) {
    std::pair<K, V> entry{};
    fill(draw, entry);
    value.set(std::move(entry.first), std::move(entry.second));
  }
}
template <class T>
void fill(Chance& draw, worker::Shared<T>& value) {
  fill(draw, value.edit());
}

template <class E>
E arbitrary_enumerator(Chance& draw) {
  static constexpr auto names = enumerator_names<E>();
  while (true) {
    std::uint64_t const number = draw.below(names.size());
    if (!names[number].empty()) return static_cast<E>(number);
  }
}

template <class T>
void fill(Chance& draw, T& value) {
  if constexpr (std::is_enum_v<T>) {
    value = arbitrary_enumerator<T>(draw);
  } else if constexpr (std::is_same_v<T, bool>) {
    value = draw.below(2) == 1;
  } else if constexpr (std::is_integral_v<T>) {
    value = static_cast<T>(arbitrary_number(draw));
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = arbitrary_text(draw);
  } else if constexpr (std::is_same_v<T, Token>) {
    value = Token(draw.hex(64));  // as queue tokens are: keys of a map whose order is kept
  } else if constexpr (is_strong<T>) {
    std::decay_t<decltype(value.value())> held{};
    fill(draw, held);
    value = T(std::move(held));
  } else if constexpr (std::is_same_v<T, Instant> || std::is_same_v<T, WallTime> || std::is_same_v<T, Duration>) {
    value = T(Duration(static_cast<std::int64_t>(arbitrary_number(draw))));
  } else if constexpr (std::is_same_v<T, Blob>) {
    value = Blob(arbitrary_text(draw));
  } else {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (fill(draw, boost::pfr::get<I>(value)), ...); }
    (std::make_index_sequence<boost::pfr::tuple_size_v<T>>());
  }
}

}  // namespace arangosync::trace
