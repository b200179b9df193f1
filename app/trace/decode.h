// Reads back what encode.h wrote, type by type: the mirror of reflection.h. Included only by the .cpp files of this
// room.
#pragma once

#include "app/trace/cursor.h"
#include "app/trace/reflection.h"

namespace arangosync::trace {

template <class T>
void read(Cursor& in, T& value);

template <class A, class B>
void read(Cursor& in, std::pair<A, B>& value) {
  in.demand('{');
  read(in, value.first);
  in.demand(',');
  read(in, value.second);
  in.demand('}');
}
template <class T>
void read(Cursor& in, std::optional<T>& value) {
  value.reset();
  if (!in.take('_')) read(in, value.emplace());
}
template <class T, class E>
void read(Cursor& in, tl::expected<T, E>& value) {
  if (in.take('!')) {
    E error{};
    read(in, error);
    value = tl::make_unexpected(std::move(error));
  } else {
    in.demand('+');
    T held{};
    read(in, held);
    value = std::move(held);
  }
}
template <class... Ts>
void read(Cursor& in, std::variant<Ts...>& value) {
  using Variant = std::variant<Ts...>;
  bool const is_numbered = in.take('~');
  std::size_t const number = is_numbered ? in.number<std::size_t>() : 0;
  if (is_numbered) in.demand(' ');
  std::string_view const name = is_numbered ? std::string_view() : in.word();
  if (in.failed()) return;
  bool const is_known = [&]<std::size_t... I>(std::index_sequence<I...>) {
    auto const is_it = [&](std::size_t index, std::string_view its_name) {
      return is_numbered ? its_name.empty() && index == number : !its_name.empty() && its_name == name;
    };
    return ((is_it(I, alternative_name<Variant, I>()) && (read(in, value.template emplace<I>()), true)) || ...);
  }
  (std::index_sequence_for<Ts...>());
  if (!is_known) in.fail("a known alternative instead of " + std::string(name));
}

template <class List>
void read_list(Cursor& in, List& list) {
  list.clear();
  in.each('[', ']', [&] { read(in, list.emplace_back()); });
}
template <class T>
void read(Cursor& in, std::vector<T>& value) {
  read_list(in, value);
}
template <class T>
void read(Cursor& in, std::deque<T>& value) {
  read_list(in, value);
}
template <class T>
void read(Cursor& in, Fifo<T>& value) {
  read_list(in, value);
}
template <class T, std::size_t Size>
void read(Cursor& in, std::array<T, Size>& value) {
  std::size_t index = 0;
  in.each('[', ']', [&] {
    if (index == Size) return in.fail("no more elements");
    read(in, value[index++]);
  });
  if (index != Size) in.fail("more elements");
}
template <class T>
void read(Cursor& in, std::set<T>& value) {
  value.clear();
  in.each('[', ']', [&] {
    T element{};
    read(in, element);
    value.insert(value.end(), std::move(element));
  });
}
template <class K, class V>
void read(Cursor& in, std::map<K, V>& value) {
  value.clear();
  in.each('[', ']', [&] {
    std::pair<K, V> entry{};
    read(in, entry);
    value.insert_or_assign(value.end(), std::move(entry.first), std::move(entry.second));
  });
}
template <class K, class V>
void read(Cursor& in, worker::PersistentMap<K, V>& value) {
  value.clear();
  in.each('[', ']', [&] {
    std::pair<K, V> entry{};
    read(in, entry);
    value.set(std::move(entry.first), std::move(entry.second));
  });
}
template <class T>
void read(Cursor& in, worker::Shared<T>& value) {
  read(in, value.edit());
}

template <class E>
void read_enumerator(Cursor& in, E& value) {
  static constexpr auto names = enumerator_names<E>();
  std::string_view const word = in.word();
  for (std::size_t number = 0; number < names.size(); ++number) {
    if (!word.empty() && names[number] == word) {
      value = static_cast<E>(number);
      return;
    }
  }
  std::uint64_t number = 0;
  auto const [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (failure != std::errc{} || end != word.data() + word.size()) return in.fail("an enumerator");
  value = static_cast<E>(number);
}

template <class T>
void read_fields(Cursor& in, T& value) {
  in.demand('{');
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    [[maybe_unused]] auto const field = [&](std::size_t index, auto& place) {
      if (index > 0) in.demand(',');
      if (!in.failed()) read(in, place);
    };
    (field(I, boost::pfr::get<I>(value)), ...);
  }
  (std::make_index_sequence<boost::pfr::tuple_size_v<T>>());
  in.demand('}');
}

inline void read_blob(Cursor& in, Blob& value) {
  in.demand('#');
  auto const size = in.number<std::size_t>();
  in.demand('.');
  value = Blob::described(size, in.number<std::uint64_t>(16));
}

template <class T>
void read(Cursor& in, T& value) {
  if constexpr (std::is_enum_v<T>) {
    read_enumerator(in, value);
  } else if constexpr (std::is_same_v<T, bool>) {
    auto const number = in.number<std::uint32_t>();
    if (number > 1) in.fail("0 or 1");
    value = number == 1;
  } else if constexpr (std::is_integral_v<T>) {
    value = in.number<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = in.text();
  } else if constexpr (is_strong<T>) {
    std::decay_t<decltype(value.value())> held{};
    read(in, held);
    value = T(std::move(held));
  } else if constexpr (std::is_same_v<T, Instant> || std::is_same_v<T, WallTime> || std::is_same_v<T, Duration>) {
    value = T(Duration(in.number<std::int64_t>()));
  } else if constexpr (std::is_same_v<T, Blob>) {
    read_blob(in, value);
  } else {
    static_assert(std::is_aggregate_v<T>, "teach walk(), read() and Schema this type");
    read_fields(in, value);
  }
}

/// The whole text as one value; the error says what was expected at which column.
template <class T>
Expected<T, std::string> decoded(std::string_view text) {
  Cursor in(text);
  T value{};
  read(in, value);
  if (!in.failed() && !in.at_end()) in.fail("the end of the line");
  if (in.failed()) return unexpected(in.problem());
  return value;
}

}  // namespace arangosync::trace
