#include "domain/sync/endpoints.h"

#include <algorithm>
#include <string_view>

namespace arangosync::sync {

namespace {

constexpr std::string_view scheme = "https://";

bool contains(std::vector<Url> const& urls, Url const& url) {
  return std::find(urls.begin(), urls.end(), url) != urls.end();
}

/// "host", "host:port", "[v6]:port"; the port is optional, a number, and not 0.
bool is_authority(std::string_view text) {
  if (text.empty() || text.find_first_of(" @\\") != std::string_view::npos) return false;
  std::size_t const bracket = text.front() == '[' ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  std::size_t const colon = text.find(':', bracket);
  if (colon == 0) return false;
  if (colon == std::string_view::npos) return true;
  std::string_view const port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5) return false;
  unsigned value = 0;
  for (char const c : port) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value > 0 && value < 65536;
}

}  // namespace

std::optional<Url> origin_of(Url const& url) {
  std::string_view const text = url.value();
  if (text.substr(0, scheme.size()) != scheme) return std::nullopt;
  std::size_t const end = text.find_first_of("/?#", scheme.size());
  std::string_view const authority = text.substr(scheme.size(), end == text.npos ? text.npos : end - scheme.size());
  if (!is_authority(authority)) return std::nullopt;
  std::string origin(text.substr(0, scheme.size() + authority.size()));
  for (char& c : origin) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return Url(origin);
}

std::string host_of(Url const& url) {
  auto const origin = origin_of(url);
  if (!origin) return "";
  std::string const authority = origin->value().substr(scheme.size());
  if (authority.front() == '[') return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

std::vector<Url> origins_of(std::vector<Url> const& urls) {
  std::vector<Url> origins;
  for (Url const& url : urls) {
    auto const origin = origin_of(url);
    if (origin && !contains(origins, *origin)) origins.push_back(*origin);
  }
  return origins;
}

bool intersect(std::vector<Url> const& a, std::vector<Url> const& b) {
  return std::any_of(a.begin(), a.end(), [&](Url const& url) { return contains(b, url); });
}

std::vector<Url> merged(std::vector<Url> const& known, std::vector<Url> const& more) {
  std::vector<Url> all = known;
  for (Url const& url : more) {
    if (!contains(all, url)) all.push_back(url);
  }
  return all;
}

std::string joined(std::vector<Url> const& urls) {
  std::string text;
  for (Url const& url : urls) {
    if (!text.empty()) text += ", ";
    text += url.value();
  }
  return text;
}

}  // namespace arangosync::sync
