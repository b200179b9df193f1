#include "adapters/http/wire.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>

namespace arangosync::http {

namespace {

namespace beast = boost::beast;

bool is_ours(std::string_view name) {
  for (auto const* own : {"Host", "Content-Length", "Transfer-Encoding", "Connection"}) {
    if (beast::iequals(beast::string_view(name.data(), name.size()), own)) return true;
  }
  return false;
}

void append_headers(std::string& head, std::vector<Header> const& headers) {
  for (auto const& one : headers) {
    if (is_ours(one.name)) continue;
    head += one.name;
    head += ": ";
    head += one.value;
    head += "\r\n";
  }
}

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

bool is_clean(Header const& one) {
  auto const is_value_char = [](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
  };
  return !one.name.empty() && std::all_of(one.name.begin(), one.name.end(), is_token_char) &&
         std::all_of(one.value.begin(), one.value.end(), is_value_char);
}

bool is_clean(std::vector<Header> const& headers) {
  return std::all_of(headers.begin(), headers.end(), [](Header const& one) { return is_clean(one); });
}

bool is_clean(Request const& request) {
  auto const is_visible = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
  return !request.method.empty() && std::all_of(request.method.begin(), request.method.end(), is_token_char) &&
         !request.target.empty() && std::all_of(request.target.begin(), request.target.end(), is_visible) &&
         is_clean(request.headers);
}

std::string request_head(Endpoint const& endpoint, Request const& request) {
  std::string const url = to_url(endpoint);
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\nHost: ";
  head += url.substr(url.find("://") + 3);
  head += "\r\n";
  append_headers(head, request.headers);
  // Some servers wait for a length on methods that usually carry a body.
  bool const wants_length = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!request.body.empty() || wants_length) head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  head += "\r\n";
  return head;
}

std::string response_head(Response const& response, bool keep_alive) {
  auto const reason = beast::http::obsolete_reason(beast::http::int_to_status(static_cast<unsigned>(response.status)));
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason.data(), reason.size());
  head += "\r\n";
  append_headers(head, response.headers);
  if (has_body(response.status)) head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::vector<Header> to_headers(beast::http::fields const& fields) {
  std::vector<Header> headers;
  for (auto const& field : fields) {
    auto const name = field.name_string();
    auto const value = field.value();
    headers.push_back({std::string(name.data(), name.size()), std::string(value.data(), value.size())});
  }
  return headers;
}

}  // namespace arangosync::http
