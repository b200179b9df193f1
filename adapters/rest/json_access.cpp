#include "adapters/rest/json_access.h"

#include "adapters/codec/time_text.h"
#include "adapters/direct/frames.h"

namespace arangosync::rest {

Reader::Reader(std::string_view text, bool may_be_empty) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos && may_be_empty) return;
  boost::system::error_code error;
  json::value parsed = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) {
    problem_ = "the body is not JSON: " + error.message();
  } else if (!parsed.is_object()) {
    problem_ = "the body is not a JSON object";
  } else {
    object_ = std::move(parsed.as_object());
  }
}

json::value const* Reader::find(std::string_view name) const {
  auto const* value = object_.if_contains(json::string_view(name.data(), name.size()));
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool Reader::has(std::string_view name) const { return find(name) != nullptr; }

void Reader::wrong(std::string_view name, std::string_view expected) {
  if (problem()->empty()) *problem() = "member '" + std::string(name) + "' is not " + std::string(expected);
}

std::string Reader::text(std::string_view name) {
  auto const* value = find(name);
  if (value == nullptr) return {};
  if (auto const* string = value->if_string()) return std::string(*string);
  wrong(name, "a string");
  return {};
}

bool Reader::flag(std::string_view name) {
  auto const* value = find(name);
  if (value == nullptr) return false;
  if (auto const* boolean = value->if_bool()) return *boolean;
  wrong(name, "a boolean");
  return false;
}

std::int64_t Reader::integer(std::string_view name) {
  auto const* value = find(name);
  if (value == nullptr) return 0;
  if (auto const* number = value->if_int64()) return *number;
  if (auto const* number = value->if_uint64(); number != nullptr && *number <= static_cast<std::uint64_t>(INT64_MAX)) {
    return static_cast<std::int64_t>(*number);
  }
  wrong(name, "an integer");
  return 0;
}

std::uint64_t Reader::unsigned_integer(std::string_view name) {
  std::int64_t const value = integer(name);
  if (value >= 0) return static_cast<std::uint64_t>(value);
  wrong(name, "a positive integer");
  return 0;
}

ChannelName Reader::channel(std::string_view name) {
  ChannelName const channel(text(name));
  bool const is_one = channel.value().empty() || direct::is_channel_name(channel.value());
  if (is_one) return channel;
  wrong(name, "a name of a channel");
  return {};
}

WallTime Reader::time(std::string_view name) {
  std::string const value = text(name);
  if (value.empty()) return WallTime{};
  if (auto const at = codec::parse_time(value)) return *at;
  wrong(name, "an RFC 3339 time");
  return WallTime{};
}

Reader Reader::object(std::string_view name) {
  auto const* value = find(name);
  if (value == nullptr) return Reader(json::object{}, problem());
  if (auto const* object = value->if_object()) return Reader(*object, problem());
  wrong(name, "an object");
  return Reader(json::object{}, problem());
}

std::vector<std::string> Reader::texts(std::string_view name) {
  std::vector<std::string> found;
  auto const* value = find(name);
  if (value == nullptr) return found;
  auto const* array = value->if_array();
  if (array == nullptr) {
    wrong(name, "a list");
    return found;
  }
  for (auto const& element : *array) {
    if (auto const* string = element.if_string()) {
      found.emplace_back(*string);
    } else {
      wrong(name, "a list of strings");
    }
  }
  return found;
}

std::vector<Url> Reader::urls(std::string_view name) {
  std::vector<Url> found;
  for (std::string& text : texts(name)) found.emplace_back(std::move(text));
  return found;
}

std::vector<json::object> Reader::objects(std::string_view name) {
  std::vector<json::object> found;
  auto const* value = find(name);
  if (value == nullptr) return found;
  auto const* array = value->if_array();
  if (array == nullptr) {
    wrong(name, "a list");
    return found;
  }
  for (auto const& element : *array) {
    if (auto const* object = element.if_object()) {
      found.push_back(*object);
    } else {
      wrong(name, "a list of objects");
    }
  }
  return found;
}

json::array urls_json(std::vector<Url> const& urls) {
  json::array array;
  for (Url const& url : urls) array.emplace_back(url.value());
  return array;
}

void set_unless_empty(json::object& object, std::string_view name, std::string_view value) {
  if (!value.empty())
    object[json::string_view(name.data(), name.size())] = json::string_view(value.data(), value.size());
}

void set_unless_zero(json::object& object, std::string_view name, std::int64_t value) {
  if (value != 0) object[json::string_view(name.data(), name.size())] = value;
}

void set_unless_false(json::object& object, std::string_view name, bool value) {
  if (value) object[json::string_view(name.data(), name.size())] = true;
}

void set_troubles(json::object& object, std::vector<sync::StructureTrouble> const& troubles) {
  json::array list;
  for (auto const& trouble : troubles) {
    list.push_back({{"item", trouble.item}, {"message", trouble.message}, {"since", codec::time_text(trouble.since)}});
  }
  if (!list.empty()) object["structureErrors"] = std::move(list);
}

std::vector<sync::StructureTrouble> read_troubles(Reader& reader) {
  std::vector<sync::StructureTrouble> troubles;
  reader.list("structureErrors", [&](Reader& entry) {
    troubles.push_back({entry.text("item"), entry.text("message"), entry.time("since")});
  });
  return troubles;
}

std::string as_text(json::value const& value) { return json::serialize(value); }

json::object queue_json(task::QueueConfig const& queue) {
  return {{"endpoints", urls_json(queue.endpoints)},
          {"authentication",
           {{"clientCertificate", queue.client_certificate},
            {"clientKey", queue.client_key},
            {"clientToken", queue.client_token},
            {"caCertificate", queue.ca_certificate}}}};
}

task::QueueConfig read_queue_config(Reader reader) {
  task::QueueConfig queue;
  queue.endpoints = reader.urls("endpoints");
  Reader authentication = reader.object("authentication");
  queue.client_certificate = authentication.text("clientCertificate");
  queue.client_key = authentication.text("clientKey");
  queue.client_token = authentication.text("clientToken");
  queue.ca_certificate = authentication.text("caCertificate");
  return queue;
}

}  // namespace arangosync::rest
