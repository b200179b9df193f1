#include "adapters/http/http.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <arpa/inet.h>

namespace arangosync::http {

namespace {

constexpr std::size_t host_bytes_max = 253;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string quoted(std::string_view text) {
  // The text may come from anywhere: keep the message one readable line, and passwords in user:password@host out of it.
  std::string result = "'";
  for (char const c : text.substr(0, 200)) result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return result + "'";
}

bool is_ipv6(std::string const& host) {
  in6_addr parsed;
  return inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > host_bytes_max) return false;
  return std::all_of(host.begin(), host.end(), [](char c) { return is_unreserved(c) && c != '~'; });
}

std::optional<bool> scheme_has_tls(std::string_view scheme) {
  static constexpr std::array<std::pair<std::string_view, bool>, 6> known{
      {{"https", true}, {"ssl", true}, {"http+ssl", true}, {"http", false}, {"tcp", false}, {"http+tcp", false}}};
  for (auto const& [name, tls] : known) {
    if (same_word(scheme, name)) return tls;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

Expected<std::string, std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      int const high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      int const low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return unexpected(std::string("bad percent-encoding"));
      result += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return result;
}

/// Cuts `text` at the first `separator`; the second part is what follows it.
std::pair<std::string_view, std::string_view> cut(std::string_view text, char separator) {
  auto const at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

std::string_view header(std::vector<Header> const& headers, std::string_view name) {
  for (auto const& one : headers) {
    if (same_word(one.name, name)) return one.value;
  }
  return {};
}

Expected<Endpoint, std::string> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  // Before anything that repeats the text: what stands before an @ may be a password, with any letters.
  if (text.find('@') != std::string_view::npos) {
    return unexpected(std::string("an endpoint must not hold a user name or password"));
  }
  auto const scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) {
    return unexpected("endpoint " + quoted(text) + " has no scheme such as https://");
  }
  auto const tls = scheme_has_tls(text.substr(0, scheme_end));
  if (!tls) return unexpected("endpoint " + quoted(text) + " has an unknown scheme; use https, http, ssl or tcp");
  std::string_view authority = text.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));

  Endpoint endpoint{*tls, {}, default_port};
  std::string_view port;
  if (authority.starts_with('[')) {
    auto const end = authority.find(']');
    if (end == std::string_view::npos) return unexpected("endpoint " + quoted(text) + " has an unclosed bracket");
    endpoint.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!is_ipv6(endpoint.host)) return unexpected("endpoint " + quoted(text) + " has a bad IPv6 address");
  } else {
    auto const colon = authority.find(':');
    endpoint.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
    if (!is_host_name(endpoint.host)) return unexpected("endpoint " + quoted(text) + " has a bad host");
  }
  if (!port.empty()) {
    auto const number = port.front() == ':' ? parse_port(port.substr(1)) : std::nullopt;
    if (!number) return unexpected("endpoint " + quoted(text) + " has a bad port");
    endpoint.port = *number;
  }
  if (endpoint.port == 0) return unexpected("endpoint " + quoted(text) + " has no port");
  return endpoint;
}

bool is_loopback(std::string const& host) {
  in_addr address{};
  bool const is_address = inet_pton(AF_INET, host.c_str(), &address) == 1;
  return host == "localhost" || host == "::1" || (is_address && host.starts_with("127."));
}

std::string to_url(Endpoint const& endpoint) {
  bool const bracket = endpoint.host.find(':') != std::string::npos;
  std::string url = endpoint.tls ? "https://" : "http://";
  url += bracket ? "[" + endpoint.host + "]" : endpoint.host;
  return url + ":" + std::to_string(endpoint.port);
}

std::string percent_encode(std::string_view segment) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string result;
  result.reserve(segment.size());
  for (char const c : segment) {
    if (is_unreserved(c)) {
      result += c;
    } else {
      auto const byte = static_cast<unsigned char>(c);
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

Expected<std::string, std::string> percent_decode(std::string_view text) { return decode(text, false); }

std::string_view Target::query_value(std::string_view name) const {
  for (auto const& [key, value] : query) {
    if (key == name) return value;
  }
  return {};
}

bool Target::has_query(std::string_view name) const {
  return std::any_of(query.begin(), query.end(), [&](auto const& pair) { return pair.first == name; });
}

Expected<Target, std::string> parse_target(std::string_view text) {
  if (!text.starts_with('/')) return unexpected(std::string("the request target does not start with a slash"));
  auto [path, query] = cut(text.substr(0, text.find('#')), '?');

  Target target;
  while (!path.empty()) {
    auto const [segment, rest] = cut(path, '/');
    path = rest;
    if (segment.empty()) continue;  // "/a//b/" names the same thing as "/a/b"
    auto decoded = decode(segment, false);
    if (!decoded) return unexpected(decoded.error());
    target.segments.push_back(std::move(*decoded));
  }
  while (!query.empty()) {
    auto const [pair, rest] = cut(query, '&');
    query = rest;
    if (pair.empty()) continue;
    auto const [name, value] = cut(pair, '=');
    auto decoded_name = decode(name, true);
    auto decoded_value = decode(value, true);
    if (!decoded_name) return unexpected(decoded_name.error());
    if (!decoded_value) return unexpected(decoded_value.error());
    target.query.emplace_back(std::move(*decoded_name), std::move(*decoded_value));
  }
  return target;
}

}  // namespace arangosync::http
