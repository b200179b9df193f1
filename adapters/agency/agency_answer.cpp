#include "adapters/agency/agency_answer.h"

#include "adapters/agency/nested_json.h"
#include "domain/base/overloaded.h"

#include <boost/json.hpp>
#include <map>

namespace arangosync::agency {
namespace json = boost::json;
namespace {

std::string quoted(std::string_view text) { return json::serialize(json::string_view(text.data(), text.size())); }

std::string operation_text(ports::AgencyOperation const& operation) {
  return std::visit(overloaded{
                        [](ports::AgencySet const& set) { return R"({"op":"set","new":)" + set.json + "}"; },
                        [](ports::AgencyDelete const&) { return std::string(R"({"op":"delete"})"); },
                        [](ports::AgencyPush const& push) { return R"({"op":"push","new":)" + push.json + "}"; },
                        [](ports::AgencyErase const& erase) { return R"({"op":"erase","val":)" + erase.json + "}"; },
                    },
                    operation.what);
}

std::string condition_text(ports::AgencyCondition const& condition) {
  return std::visit(overloaded{
                        [](ports::AgencyOld const& old) { return R"("old":)" + old.json; },
                        [](ports::AgencyOldEmpty const& empty) {
                          return std::string(empty.empty ? R"("oldEmpty":true)" : R"("oldEmpty":false)");
                        },
                    },
                    condition.what);
}

}  // namespace

std::string read_body(std::vector<std::string> const& paths) {
  std::string body = "[[";
  for (auto const& path : paths) {
    if (body.size() > 2) body += ',';
    body += quoted(path);
  }
  return body + "]]";
}

std::string write_body(ports::AgencyTransaction const& transaction) {
  std::string body = "[[{";
  for (auto const& operation : transaction.operations) {
    if (body.back() != '{') body += ',';
    body += quoted(operation.key) + ":" + operation_text(operation);
  }
  body += "},{";
  std::map<std::string, std::string> conditions;
  for (auto const& condition : transaction.conditions) {
    auto& text = conditions[condition.key];
    if (!text.empty()) text += ',';
    text += condition_text(condition);
  }
  for (auto const& [key, text] : conditions) {
    if (body.back() != '{') body += ',';
    body += quoted(key) + ":{" + text + "}";
  }
  return body + "}," + quoted(transaction.client_id) + "]]";
}

std::string inquire_body(std::string const& client_id) { return "[" + quoted(client_id) + "]"; }

std::optional<std::string> parse_read(std::string_view body) {
  auto const answer = parse_nested(body);
  if (!answer) return std::nullopt;
  auto const* results = answer->if_array();
  // A malformed path would be left out of the answer: then it is shorter than the question.
  if (results == nullptr || results->size() != 1 || !results->front().is_object()) return std::nullopt;
  return json::serialize(results->front());
}

std::optional<std::uint64_t> parse_result(std::string_view body) {
  auto const answer = parse_nested(body);
  auto const* object = answer ? answer->if_object() : nullptr;
  auto const* results = object != nullptr ? object->if_contains("results") : nullptr;
  auto const* list = results != nullptr ? results->if_array() : nullptr;
  if (list == nullptr || list->size() != 1) return std::nullopt;
  if (auto const* index = list->front().if_uint64()) return *index;
  auto const* index = list->front().if_int64();
  if (index == nullptr || *index < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*index);
}

bool is_ongoing(std::string_view body) {
  auto const answer = parse_nested(body);
  auto const* object = answer ? answer->if_object() : nullptr;
  auto const* ongoing = object != nullptr ? object->if_contains("ongoing") : nullptr;
  return ongoing != nullptr && ongoing->is_bool() && ongoing->get_bool();
}

}  // namespace arangosync::agency
