#include "adapters/direct/routes.h"

#include "adapters/x509/base64.h"
#include "adapters/x509/password_hash.h"

#include <boost/json.hpp>

#include <algorithm>

namespace arangosync::direct {

namespace {

namespace json = boost::json;

constexpr std::size_t messages_bytes_max = 8u << 20;
constexpr std::size_t keys_per_channel_max = 8;
constexpr Duration token_lifetime_max = std::chrono::hours(24 * 365);

http::Response error(int status, std::string_view text) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(json::object{{"Error", text}})};
}

json::object object_of(std::string_view body) {
  boost::system::error_code failed;
  json::value const value = json::parse(body, failed);
  return !failed && value.is_object() ? value.get_object() : json::object();
}

std::optional<std::int64_t> integer(json::object const& object, std::string_view name) {
  json::value const* const found = object.if_contains(name);
  if (found == nullptr || !found->is_int64() || found->get_int64() < 0) return std::nullopt;
  return found->get_int64();
}

}  // namespace

void Routes::serve(http::Request const& request, http::Target const& target, http::Responder respond) {
  auto const& segments = target.segments;
  bool const is_post = request.method == "POST";
  if (is_post && segments.size() == 4 && segments[3] == "pull") return pull(request, std::move(respond));
  if (segments.size() != 6 || segments[3] != "channel") return respond(error(404, "not found"));
  if (!is_channel_name(segments[4])) return respond(error(400, "bad channel name"));
  ChannelName const channel(segments[4]);
  if (request.method == "GET" && segments[5] == "messages") return respond(messages(channel));
  if (is_post && segments[5] == "commit") return respond(commit(channel, request.body));
  if (is_post && segments[5] == "token") return respond(take_token(channel, request.body));
  respond(error(404, "not found"));
}

bool Routes::opens(ChannelName const& channel, std::string_view token) {
  std::lock_guard const lock(mutex_);
  auto const found = keys_.find(channel);
  if (found == keys_.end()) return false;
  Instant const now = clock_.now();
  std::erase_if(found->second, [&](Key const& key) { return key.expires_at <= now; });
  return std::any_of(found->second.begin(), found->second.end(),
                     [&](Key const& key) { return x509::equal_secrets(key.token, token); });
}

void Routes::pull(http::Request const& request, http::Responder respond) {
  auto asked = decode_request(request.body);
  if (!asked) return respond(error(400, asked.error()));
  store_.pull(std::move(*asked), [respond = std::move(respond), &telemetry = telemetry_](PullAnswer const& answer) {
    std::uint64_t bytes = 0;
    for (auto const& message : answer.messages) bytes += message->size();
    if (!answer.messages.empty()) {
      telemetry.count("arangosync_queue_messages_sent", {}, answer.messages.size());
      telemetry.count("arangosync_queue_bytes_sent", {}, bytes);
    }
    respond({200, {{"Content-Type", "application/octet-stream"}}, encode_answer(answer.channels)});
  });
}

http::Response Routes::messages(ChannelName const& channel) {
  auto const found = store_.peek(channel, messages_bytes_max);
  if (!found) return error(404, "channel not found");
  json::object answer;
  if (!found->empty()) {
    json::array& list = answer["messages"].emplace_array();
    for (auto const& [offset, bytes] : *found) {
      list.push_back(json::object{{"offset", offset.value()}, {"message", x509::base64_encode(*bytes)}});
    }
  }
  return {200, {{"Content-Type", "application/json"}}, json::serialize(answer)};
}

http::Response Routes::commit(ChannelName const& channel, std::string_view body) {
  auto const offset = integer(object_of(body), "offset");
  if (!offset) return error(400, "offset missing");
  if (!store_.commit(channel, Offset(static_cast<std::uint64_t>(*offset)))) return error(404, "channel not found");
  return {200, {}, {}};
}

http::Response Routes::take_token(ChannelName const& channel, std::string_view body) {
  json::object const object = object_of(body);
  json::value const* const token = object.if_contains("token");
  if (token == nullptr || !token->is_string() || token->get_string().empty()) return error(400, "token missing");
  std::lock_guard const lock(mutex_);
  auto& keys = keys_[channel];
  std::string const given(token->get_string());
  std::erase_if(keys, [&](Key const& key) { return key.token == given; });
  if (keys.size() >= keys_per_channel_max) keys.erase(keys.begin());
  Duration const lifetime(integer(object, "token-ttl").value_or(limits::token_lifetime.count()));
  keys.push_back({given, clock_.now() + std::min(lifetime, token_lifetime_max)});
  return {200, {}, {}};
}

}  // namespace arangosync::direct
