#include "adapters/cluster/lines.h"

#include <simdjson.h>
#include <charconv>
#include <utility>

namespace arangosync::cluster {
namespace ondemand = simdjson::ondemand;
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n')) {
    text.remove_suffix(1);
  }
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

bool read_string(simdjson::simdjson_result<ondemand::field>& field, std::string_view& to) {
  return field.value().get_string().get(to) == simdjson::SUCCESS;
}

/// Ticks are decimal strings; a number would do as well (spec trap 1).
bool read_tick(simdjson::simdjson_result<ondemand::field>& field, std::uint64_t& to) {
  ondemand::value value;
  if (std::move(field).value().get(value) != simdjson::SUCCESS) return false;
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type == ondemand::json_type::number) return value.get_uint64().get(to) == simdjson::SUCCESS;
  std::string_view text;
  if (type != ondemand::json_type::string || value.get_string().get(text) != simdjson::SUCCESS) return false;
  auto const* const end = text.data() + text.size();
  auto const [stopped, error] = std::from_chars(text.data(), end, to);
  return error == std::errc{} && stopped == end && !text.empty();
}

/// `_key` and `_rev` of a document, wherever they stand; they are usually its second and third member.
bool read_identity(ondemand::object& document, std::string_view& key, std::string_view& revision) {
  for (auto field : document) {
    ondemand::raw_json_string name;
    if (field.key().get(name) != simdjson::SUCCESS) return false;
    if (name == "_key" && !read_string(field, key)) return false;
    if (name == "_rev" && !read_string(field, revision)) return false;
    if (!key.empty() && !revision.empty()) return true;
  }
  return true;
}

/// The bytes of an object that has perhaps been walked over partly.
bool read_bytes(ondemand::object& object, std::string_view& bytes) {
  if (object.reset().error() != simdjson::SUCCESS) return false;
  if (object.raw_json().get(bytes) != simdjson::SUCCESS) return false;
  bytes = trimmed(bytes);
  return !bytes.empty() && bytes.front() == '{' && bytes.back() == '}';
}

bool read_data(simdjson::simdjson_result<ondemand::field>& field, std::string_view& key, std::string_view& revision,
               std::string_view& bytes) {
  ondemand::object object;
  if (field.value().get_object().get(object) != simdjson::SUCCESS) return false;
  return read_identity(object, key, revision) && read_bytes(object, bytes);
}

/// Nothing may follow the object on its line.
bool at_end(ondemand::document& document) { return document.current_location().error() == simdjson::OUT_OF_BOUNDS; }

bool is_document(int type) { return type == 2300 || type == 2302; }

bool read_envelope(ondemand::object& envelope, Marker& marker, bool& has_type) {
  for (auto field : envelope) {
    ondemand::raw_json_string name;
    if (field.key().get(name) != simdjson::SUCCESS) return false;
    if (name == "type") {
      std::int64_t type = 0;
      if (field.value().get_int64().get(type) != simdjson::SUCCESS) return false;
      marker.type = static_cast<int>(type);
      has_type = true;
    } else if (name == "tick") {
      if (!read_tick(field, marker.tick)) return false;
    } else if (name == "db") {
      if (!read_string(field, marker.database)) return false;
    } else if (name == "tid") {
      if (!read_string(field, marker.tid)) return false;
    } else if (name == "cuid") {
      std::string_view cuid;
      if (!read_string(field, cuid)) return false;
      auto const slash = cuid.find('/');
      marker.shard = slash == std::string_view::npos ? std::string_view{} : cuid.substr(slash + 1);
    } else if (name == "cname") {
      if (!read_string(field, marker.shard)) return false;
    } else if (name == "data" && (!has_type || is_document(marker.type))) {
      // Real servers print the type first. `data` of other markers is a definition and of no interest.
      if (!read_data(field, marker.key, marker.revision, marker.document)) return false;
    }
  }
  return true;
}

}  // namespace

struct Lines::Impl {
  ondemand::parser parser;
};

Lines::Lines(std::string body) : body_(std::move(body)), size_(body_.size()), impl_(std::make_unique<Impl>()) {
  body_.resize(size_ + simdjson::SIMDJSON_PADDING);  // the parser reads a little beyond each line
}

Lines::~Lines() = default;

bool Lines::take_line(std::string_view& line) {
  while (at_ < size_) {
    auto end = body_.find('\n', at_);
    if (end == std::string::npos || end > size_) end = size_;
    line = trimmed(std::string_view(body_).substr(at_, end - at_));
    at_ = end + 1;
    ++line_number_;
    if (!line.empty()) return true;
  }
  return false;
}

Lines::Next Lines::next(Marker& marker) {
  marker = Marker{};
  std::string_view line;
  if (!take_line(line)) return Next::End;
  auto const room = static_cast<std::size_t>(body_.data() + body_.size() - line.data());
  ondemand::document document;
  if (impl_->parser.iterate(simdjson::padded_string_view(line.data(), line.size(), room)).get(document)) {
    return Next::Broken;
  }
  ondemand::object envelope;
  bool has_type = false;
  if (document.get_object().get(envelope) != simdjson::SUCCESS) return Next::Broken;
  if (!read_envelope(envelope, marker, has_type) || !has_type || !at_end(document)) return Next::Broken;
  if (is_document(marker.type) && (marker.key.empty() || marker.shard.empty())) return Next::Broken;
  return Next::Read;
}

Lines::Next Lines::next(DumpedDocument& dumped) {
  dumped = DumpedDocument{};
  std::string_view line;
  if (!take_line(line)) return Next::End;
  auto const room = static_cast<std::size_t>(body_.data() + body_.size() - line.data());
  ondemand::document document;
  if (impl_->parser.iterate(simdjson::padded_string_view(line.data(), line.size(), room)).get(document)) {
    return Next::Broken;
  }
  ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return Next::Broken;
  DumpedDocument enveloped;
  for (auto field : object) {
    ondemand::raw_json_string name;
    if (field.key().get(name) != simdjson::SUCCESS) return Next::Broken;
    if (name == "_key" && !read_string(field, dumped.key)) return Next::Broken;
    if (name == "_rev" && !read_string(field, dumped.revision)) return Next::Broken;
    // A user's attribute may be called "data" too, and need not be an object.
    if (name == "data" && dumped.key.empty()) {
      ondemand::value value;
      ondemand::json_type type{};
      if (field.value().get(value) != simdjson::SUCCESS) return Next::Broken;
      if (value.type().get(type) != simdjson::SUCCESS) return Next::Broken;
      ondemand::object data;
      if (type == ondemand::json_type::object &&
          (value.get_object().get(data) != simdjson::SUCCESS ||
           !read_identity(data, enveloped.key, enveloped.revision) || !read_bytes(data, enveloped.document))) {
        return Next::Broken;
      }
    }
  }
  if (!at_end(document)) return Next::Broken;
  if (dumped.key.empty()) {
    dumped = enveloped;
  } else {
    dumped.document = line;
  }
  return dumped.key.empty() ? Next::Broken : Next::Read;
}

struct IdCutter::Impl {
  ondemand::parser parser;
  std::string buffer;
};

IdCutter::IdCutter() : impl_(std::make_unique<Impl>()) {}

IdCutter::~IdCutter() = default;

namespace {

/// Where the text of the member `_id` begins and ends, its comma included; an empty range if there is none.
bool find_id(ondemand::document& document, std::string_view text, std::size_t& begin, std::size_t& end) {
  ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto field : object) {
    ondemand::raw_json_string name;
    if (field.key().get(name) != simdjson::SUCCESS) return false;
    if (!(name == "_id")) continue;
    std::string_view value;
    // Not get_string(): the bytes in the text are wanted, not what they stand for.
    value = field.value().raw_json_token();
    value = trimmed(value);
    begin = static_cast<std::size_t>(name.raw() - text.data()) - 1;
    end = static_cast<std::size_t>(value.data() - text.data()) + value.size();
    return !value.empty() && value.front() == '"';
  }
  return true;
}

bool is_blank(char letter) { return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n'; }

}  // namespace

bool IdCutter::append_without_id(std::string_view document, std::string& out) {
  auto& buffer = impl_->buffer;
  buffer.assign(document);
  buffer.resize(document.size() + simdjson::SIMDJSON_PADDING);
  ondemand::document parsed;
  auto const padded = simdjson::padded_string_view(buffer.data(), document.size(), buffer.size());
  if (impl_->parser.iterate(padded).get(parsed)) return false;
  std::size_t begin = 0;
  std::size_t end = 0;
  if (!find_id(parsed, std::string_view(buffer.data(), document.size()), begin, end)) return false;
  if (begin < end) {
    auto after = end;
    while (after < document.size() && is_blank(document[after])) ++after;
    if (after < document.size() && document[after] == ',') {
      end = after + 1;
    } else {  // the last member: the comma before it goes
      auto before = begin;
      while (before > 0 && is_blank(document[before - 1])) --before;
      if (before > 0 && document[before - 1] == ',') begin = before - 1;
    }
  }
  out.append(document.substr(0, begin));
  out.append(document.substr(end));
  return true;
}

}  // namespace arangosync::cluster
