#include "adapters/codec/pieces.h"

#include "domain/base/blob.h"
#include "domain/base/check.h"

#include <algorithm>
#include <utility>

namespace arangosync::codec {

namespace {

constexpr std::string_view magic = "ASP1";

template <class Number>
void put(std::string& into, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) into += static_cast<char>(number >> (8 * i) & 0xff);
}

template <class Number>
Number get(std::string_view bytes, std::size_t at) {
  Number number = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;) {
    number = static_cast<Number>(number << 8 | static_cast<unsigned char>(bytes[at + i]));
  }
  return number;
}

}  // namespace

std::vector<std::string> split(std::string message, std::size_t bytes_max) {
  DC_ASSERT(bytes_max > piece_header_bytes);
  std::vector<std::string> elements;
  if (message.size() <= bytes_max) {
    elements.push_back(std::move(message));
    return elements;
  }
  std::size_t const room = bytes_max - piece_header_bytes;
  auto const count = static_cast<std::uint32_t>((message.size() + room - 1) / room);
  std::uint64_t const group = fnv1a_64(message);
  for (std::uint32_t number = 0; number < count; ++number) {
    std::string piece(magic);
    put(piece, group);
    put(piece, number);
    put(piece, count);
    piece += std::string_view(message).substr(number * room, room);
    elements.push_back(std::move(piece));
  }
  return elements;
}

std::string Rejoiner::drop(std::string why) {
  count_ = 0;
  bytes_.clear();
  return why;
}

Expected<std::optional<std::string>, std::string> Rejoiner::take(std::string_view element) {
  using Message = std::optional<std::string>;
  if (!element.starts_with(magic)) {
    drop("");  // whoever sent the pieces has begun anew
    return Message(std::string(element));
  }
  if (element.size() <= piece_header_bytes) return unexpected(drop("a piece is too short"));
  auto const group = get<std::uint64_t>(element, 4);
  auto const number = get<std::uint32_t>(element, 12);
  auto const count = get<std::uint32_t>(element, 16);
  if (number >= count) return unexpected(drop("a piece is out of bounds"));
  if (number == 0 && (count_ == 0 || group != group_)) {
    drop("");
    group_ = group;
    count_ = count;
    next_ = 0;
  }
  bool const is_of_it = count_ == count && group_ == group;
  if (!is_of_it || number > next_) return unexpected(drop("a piece is missing"));
  if (number < next_) return Message();  // again
  element.remove_prefix(piece_header_bytes);
  if (element.size() > message_bytes_max_ - std::min(message_bytes_max_, bytes_.size())) {
    return unexpected(drop("the pieces make a message that is too large"));
  }
  bytes_ += element;
  if (++next_ < count_) return Message();
  std::string message = std::move(bytes_);
  drop("");
  if (fnv1a_64(message) != group) return unexpected(std::string("the pieces do not make the message"));
  return Message(std::move(message));
}

}  // namespace arangosync::codec
