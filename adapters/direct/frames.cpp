#include "adapters/direct/frames.h"

#include "domain/base/check.h"

#include <algorithm>
#include <type_traits>

namespace arangosync::direct {

namespace {

constexpr std::string_view request_magic = "APQ1";
constexpr std::string_view answer_magic = "APA1";
constexpr std::size_t wanted_bytes_min = 2 + 8 + 8 + 8 + 4;
constexpr std::size_t delivered_bytes_min = 2 + 1 + 8 + 4;
constexpr std::size_t message_bytes_min = 8 + 4;

class Writer {
public:
  explicit Writer(std::string_view magic) : bytes_(magic) {}

  template <class T>
  void number(T value) {
    static_assert(std::is_unsigned_v<T>);
    for (std::size_t byte = 0; byte < sizeof(T); ++byte) bytes_.push_back(static_cast<char>(value >> (8 * byte)));
  }
  void name(ChannelName const& channel) {
    DC_ASSERT(channel.value().size() <= channel_name_bytes_max);
    number(static_cast<std::uint16_t>(channel.value().size()));
    bytes_ += channel.value();
  }
  void raw(std::string_view bytes) { bytes_ += bytes; }
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  std::string take() { return std::move(bytes_); }

private:
  std::string bytes_;
};

/// Reads on until something does not fit; from then on everything is zero and `failed()`.
class Reader {
public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t left() const { return rest_.size(); }
  void fail() {
    failed_ = true;
    rest_ = {};
  }

  std::string_view raw(std::size_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    std::string_view const taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  template <class T>
  T number() {
    std::string_view const bytes = raw(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t byte = bytes.size(); byte > 0; --byte)
      value = value << 8 | static_cast<std::uint8_t>(bytes[byte - 1]);
    return static_cast<T>(value);
  }
  ChannelName name() {
    std::string_view const text = raw(number<std::uint16_t>());
    if (!is_channel_name(text)) fail();
    return failed_ ? ChannelName() : ChannelName(std::string(text));
  }
  /// A count of things that take at least `bytes_min` each; what cannot fit is refused before anything is allocated.
  std::size_t count(std::size_t bytes_min, std::size_t most) {
    std::size_t const announced = number<std::uint32_t>();
    if (announced > most || announced > left() / bytes_min) fail();
    return failed_ ? 0 : announced;
  }

private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

bool is_channel_name(std::string_view name) {
  auto const allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= channel_name_bytes_max && std::all_of(name.begin(), name.end(), allowed);
}

std::string encode_request(PullRequest const& request) {
  DC_ASSERT(request.channels.size() <= pull_channels_max);
  Writer writer(request_magic);
  writer.number(request.reader);
  writer.number(request.serial);
  writer.number(request.wait_ms);
  writer.number(request.bytes_max);
  writer.number(static_cast<std::uint32_t>(request.channels.size()));
  for (auto const& wanted : request.channels) {
    writer.name(wanted.channel);
    writer.number(wanted.instance);
    writer.number(wanted.after.value());
    writer.number(wanted.committed.value());
    writer.number(wanted.bytes_max);
  }
  return writer.take();
}

Expected<PullRequest, std::string> decode_request(std::string_view body) {
  Reader reader(body);
  if (reader.raw(request_magic.size()) != request_magic) return unexpected(std::string("this is no pull request"));
  PullRequest request;
  request.reader = reader.number<std::uint64_t>();
  request.serial = reader.number<std::uint64_t>();
  request.wait_ms = reader.number<std::uint32_t>();
  request.bytes_max = reader.number<std::uint32_t>();
  std::size_t const channels = reader.count(wanted_bytes_min, pull_channels_max);
  request.channels.reserve(channels);
  for (std::size_t index = 0; index < channels && !reader.failed(); ++index) {
    Wanted wanted;
    wanted.channel = reader.name();
    wanted.instance = reader.number<std::uint64_t>();
    wanted.after = Offset(reader.number<std::uint64_t>());
    wanted.committed = Offset(reader.number<std::uint64_t>());
    wanted.bytes_max = reader.number<std::uint32_t>();
    request.channels.push_back(std::move(wanted));
  }
  if (reader.failed() || reader.left() != 0) return unexpected(std::string("the pull request is malformed"));
  return request;
}

std::string encode_answer(std::vector<Delivered> const& channels) {
  DC_ASSERT(channels.size() <= pull_channels_max);
  std::size_t bytes = answer_magic.size() + 4;
  for (auto const& channel : channels) {
    bytes += delivered_bytes_min + channel.channel.value().size();
    for (auto const& message : channel.messages) bytes += message_bytes_min + message.bytes.size();
  }
  Writer writer(answer_magic);
  writer.reserve(bytes);
  writer.number(static_cast<std::uint32_t>(channels.size()));
  for (auto const& channel : channels) {
    writer.name(channel.channel);
    writer.number(static_cast<std::uint8_t>(channel.known ? 1 : 0));
    writer.number(channel.instance);
    writer.number(static_cast<std::uint32_t>(channel.messages.size()));
    for (auto const& message : channel.messages) {
      writer.number(message.offset.value());
      writer.number(static_cast<std::uint32_t>(message.bytes.size()));
      writer.raw(message.bytes);
    }
  }
  return writer.take();
}

Expected<std::vector<Delivered>, std::string> decode_answer(std::string_view body) {
  Reader reader(body);
  if (reader.raw(answer_magic.size()) != answer_magic) return unexpected(std::string("this is no answer to a pull"));
  std::size_t const count = reader.count(delivered_bytes_min, pull_channels_max);
  std::vector<Delivered> channels;
  channels.reserve(count);
  for (std::size_t index = 0; index < count && !reader.failed(); ++index) {
    Delivered channel;
    channel.channel = reader.name();
    auto const known = reader.number<std::uint8_t>();
    if (known > 1) reader.fail();
    channel.known = known == 1;
    channel.instance = reader.number<std::uint64_t>();
    std::size_t const messages = reader.count(message_bytes_min, body.size());
    channel.messages.reserve(messages);
    for (std::size_t taken = 0; taken < messages && !reader.failed(); ++taken) {
      Offset const offset(reader.number<std::uint64_t>());
      std::string_view const bytes = reader.raw(reader.number<std::uint32_t>());
      channel.messages.push_back({offset, bytes});
    }
    channels.push_back(std::move(channel));
  }
  if (reader.failed() || reader.left() != 0) return unexpected(std::string("the answer to the pull is malformed"));
  return channels;
}

}  // namespace arangosync::direct
