// Inside of adapters/http: messages as text on the wire, and the body type of Beast's parser.
#pragma once

#include "adapters/http/http.h"

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include <algorithm>
#include <boost/optional/optional.hpp>

namespace arangosync::http {

inline constexpr std::uint32_t header_bytes_max = 64u << 10;
inline constexpr std::size_t read_bytes = std::size_t{64} << 10;
/// A body up to this size travels in one piece with its head.
inline constexpr std::size_t small_body_bytes = std::size_t{12} << 10;

/// A body in a string. Other than Beast's own, it does not set aside the announced length: a peer that announces a
/// gigabyte and sends nothing must cost nothing.
struct TextBody {
  using value_type = std::string;

  class reader {
  public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>&, value_type& body) : body_(body) {}

    void init(boost::optional<std::uint64_t> const& length, boost::system::error_code& error) {
      error = {};
      if (length) body_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, 1u << 20)));
    }

    template <class Buffers>
    std::size_t put(Buffers const& buffers, boost::system::error_code& error) {
      error = {};
      std::size_t bytes = 0;
      for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers);
           ++it) {
        boost::asio::const_buffer const piece(*it);
        body_.append(static_cast<char const*>(piece.data()), piece.size());
        bytes += piece.size();
      }
      return bytes;
    }

    void finish(boost::system::error_code& error) { error = {}; }

  private:
    value_type& body_;
  };
};

/// Whether everything can stand in a message without forming another line.
bool is_clean(Header const& one);
bool is_clean(std::vector<Header> const& headers);
bool is_clean(Request const& request);

/// Start line and headers up to the empty line. Host, Content-Length, Transfer-Encoding and Connection are ours: given
/// ones are left out.
std::string request_head(Endpoint const& endpoint, Request const& request);
std::string response_head(Response const& response, bool keep_alive);

/// Whether an answer of that status has a body at all.
bool has_body(int status);

std::vector<Header> to_headers(boost::beast::http::fields const& fields);

}  // namespace arangosync::http
