#include "adapters/cluster/bulk_answer.h"

#include <simdjson.h>

namespace arangosync::cluster {
namespace ondemand = simdjson::ondemand;

std::string conflicting_key(std::string_view error_message) {
  static constexpr std::string_view introduction = "conflicting key: ";
  auto const at = error_message.rfind(introduction);
  if (at == std::string_view::npos) return {};
  return std::string(error_message.substr(at + introduction.size()));
}

namespace {

bool read_item(ondemand::object& item, bool& failed, ItemFailure& failure) {
  for (auto field : item) {
    ondemand::raw_json_string name;
    if (field.key().get(name) != simdjson::SUCCESS) return false;
    if (name == "error") {
      if (field.value().get_bool().get(failed) != simdjson::SUCCESS) return false;
    } else if (name == "errorNum") {
      std::int64_t number = 0;
      if (field.value().get_int64().get(number) != simdjson::SUCCESS) return false;
      failure.number = static_cast<int>(number);
    } else if (name == "errorMessage") {
      std::string_view message;
      if (field.value().get_string().get(message) != simdjson::SUCCESS) return false;
      failure.conflicting_key = conflicting_key(message);
    }
  }
  return true;
}

}  // namespace

std::optional<std::vector<ItemFailure>> parse_bulk_answer(std::string_view body, std::size_t items) {
  ondemand::parser parser;
  simdjson::padded_string const padded(body);
  ondemand::document document;
  ondemand::array results;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
  if (document.get_array().get(results) != simdjson::SUCCESS) return std::nullopt;
  std::vector<ItemFailure> failures;
  std::size_t index = 0;
  for (auto result : results) {
    ondemand::object item;
    if (result.get_object().get(item) != simdjson::SUCCESS) return std::nullopt;
    bool failed = false;
    ItemFailure failure;
    failure.index = index++;
    if (!read_item(item, failed, failure)) return std::nullopt;
    if (failed) failures.push_back(std::move(failure));
  }
  if (index != items) return std::nullopt;
  return failures;
}

}  // namespace arangosync::cluster
