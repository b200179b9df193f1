// Endpoints, request targets and percent-encoding: no input crashes, and what is accepted survives a round trip.
#include "adapters/http/http.h"
#include "domain/base/check.h"

#include <cstdint>
#include <string_view>

using namespace arangosync;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);

  if (auto const endpoint = http::parse_endpoint(text, 8529)) {
    DC_ASSERT(!endpoint->host.empty());
    DC_ASSERT(endpoint->port != 0);
    DC_ASSERT(http::parse_endpoint(http::to_url(*endpoint), 1) == *endpoint);
  }
  DC_ASSERT(http::percent_decode(http::percent_encode(text)) == text);
  if (auto const decoded = http::percent_decode(text)) DC_ASSERT(decoded->size() <= text.size());

  auto const target = http::parse_target(text);
  if (!target) return 0;
  std::string again = "/";
  for (auto const& segment : target->segments) again += http::percent_encode(segment) + "/";
  again += "?";
  for (auto const& [name, value] : target->query) {
    again += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
  }
  auto const same = http::parse_target(again);
  DC_ASSERT(same.has_value());
  DC_ASSERT(same->segments == target->segments);
  DC_ASSERT(same->query == target->query);
  return 0;
}
