#include "adapters/direct/lookup.h"

#include <boost/json.hpp>

namespace arangosync::direct {

namespace {

namespace json = boost::json;

std::string text(json::object const& object, std::string_view name) {
  json::value const* const found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace

std::string to_json(ChannelPlace const& place) {
  json::array endpoints;
  for (auto const& endpoint : place.endpoints) endpoints.emplace_back(endpoint.value());
  json::object object{{"endpoint", std::move(endpoints)},
                      {"caCertificate", place.ca_certificate},
                      {"token", place.token.value()},
                      {"token-ttl", place.token_lifetime.count()},
                      {"worker", place.worker.value()}};
  return json::serialize(object);
}

Expected<ChannelPlace, std::string> channel_place(std::string_view text_in) {
  boost::system::error_code failed;
  json::value const value = json::parse(text_in, failed);
  if (failed || !value.is_object()) return unexpected(std::string("the answer is no JSON object"));
  auto const& object = value.get_object();
  ChannelPlace place;
  if (auto const* endpoints = object.if_contains("endpoint"); endpoints != nullptr && endpoints->is_array()) {
    for (auto const& endpoint : endpoints->get_array()) {
      if (endpoint.is_string()) place.endpoints.emplace_back(std::string(endpoint.get_string()));
    }
  }
  place.ca_certificate = text(object, "caCertificate");
  place.token = Token(text(object, "token"));
  place.worker = WorkerId(text(object, "worker"));
  if (auto const* lifetime = object.if_contains("token-ttl"); lifetime != nullptr && lifetime->is_int64()) {
    place.token_lifetime = Duration(lifetime->get_int64());
  }
  if (place.worker.value().empty()) return unexpected(std::string("the answer names no worker"));
  return place;
}

}  // namespace arangosync::direct
