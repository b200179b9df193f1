#include "adapters/cluster/keys_answer.h"

#include "adapters/cluster/json_value.h"

#include <simdjson.h>

#include <array>

namespace arangosync::cluster {

namespace ondemand = simdjson::ondemand;

std::optional<OpenedKeys> parse_opened_keys(std::string_view body) {
  auto const answer = parse_json(body);
  if (!answer) return std::nullopt;
  auto const count = unsigned_of(*answer, "count");
  OpenedKeys opened;
  opened.id = id_of(*answer, "id");
  if (opened.id.empty() || !count) return std::nullopt;
  opened.count = *count;
  return opened;
}

std::optional<std::vector<std::string>> parse_key_chunks(std::string_view body) {
  auto const answer = parse_json(body);
  if (!answer || !answer->is_array()) return std::nullopt;
  std::vector<std::string> lows;
  for (auto const& chunk : answer->get_array()) {
    auto low = string_of(chunk, "low");
    if (!low) return std::nullopt;
    lows.push_back(std::move(*low));
  }
  return lows;
}

namespace {

bool read_pair(ondemand::array pair, std::array<std::string_view, 2>& texts) {
  std::size_t count = 0;
  for (auto element : pair) {
    if (count == texts.size()) return false;
    if (element.get_string().get(texts[count++]) != simdjson::SUCCESS) return false;
  }
  return count == texts.size();
}

}  // namespace

bool parse_key_list(std::string body, std::function<void(std::string_view, std::string_view)> const& each) {
  std::size_t const size = body.size();
  body.resize(size + simdjson::SIMDJSON_PADDING);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array array;
  if (parser.iterate(simdjson::padded_string_view(body.data(), size, body.size())).get(document)) return false;
  if (document.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto element : array) {
    ondemand::array pair;
    std::array<std::string_view, 2> texts;
    if (element.get_array().get(pair) != simdjson::SUCCESS || !read_pair(pair, texts)) return false;
    each(texts[0], texts[1]);
  }
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

}  // namespace arangosync::cluster
