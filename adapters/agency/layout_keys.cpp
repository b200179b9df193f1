// Keys and the small values of lease, masters and journal.
#include "adapters/agency/layout.h"
#include "adapters/agency/layout_forms.h"

#include <boost/json.hpp>

namespace arangosync::agency::layout {

namespace bj = boost::json;

std::string key(std::string const& relative) { return "/arangodb/arangosync/" + relative; }

std::string segment(std::string const& name) {
  std::string encoded;
  for (char const c : name) {
    if (c == '%') {
      encoded += "%25";
    } else if (c == '/') {
      encoded += "%2F";
    } else {
      encoded.push_back(c);
    }
  }
  return encoded;
}

std::string name_of(std::string_view segment) {
  std::string name;
  for (std::size_t at = 0; at < segment.size(); ++at) {
    auto const code = segment.substr(at, 3);
    bool const is_encoded = code == "%25" || code == "%2F";
    name.push_back(code == "%2F" ? '/' : segment[at]);
    if (is_encoded) at += 2;
  }
  return name;
}

std::string lease_json(election::Lease const& lease) {
  return bj::serialize(bj::object{{"id", lease.holder.value()}, {"term", lease.term.value()}, {"beat", lease.beat}});
}

std::string term_json(MasterId const& id, Term term) {
  return bj::serialize(bj::object{{"id", id.value()}, {"term", term.value()}});
}

std::string beat_json(std::uint64_t beat, std::vector<Url> const& public_endpoints) {
  return bj::serialize(bj::object{{"beat", beat}, {"endpoints", json_of(public_endpoints)}});
}

std::string text_json(std::string const& text) { return bj::serialize(bj::value(text)); }
std::string number_json(std::uint64_t number) { return bj::serialize(bj::value(number)); }

}  // namespace arangosync::agency::layout
