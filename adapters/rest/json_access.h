// Reading and writing members of JSON objects the way the spec's Go peers do (spec arangosync-api 1). For .cpp files of
// this room only: keeps Boost.JSON out of headers.
#pragma once

#include "adapters/rest/forms.h"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace arangosync::rest {

namespace json = boost::json;

inline constexpr Duration duration_max = std::chrono::hours(24 * 365 * 10);

/// A JSON object being read; the first thing of a wrong kind is remembered in `problem`, everything after reads as
/// absent.
class Reader {
public:
  /// An empty body reads as an empty object when `may_be_empty`.
  explicit Reader(std::string_view text, bool may_be_empty = false);
  Reader(json::object object, std::string* problem) : object_(std::move(object)), shared_(problem) {}

  std::string text(std::string_view name);
  bool flag(std::string_view name);
  std::int64_t integer(std::string_view name);
  std::uint64_t unsigned_integer(std::string_view name);
  /// What is longer than ten years means for ever, and is ten years: sums with a point in time stay sums.
  Duration duration(std::string_view name) { return std::clamp(Duration{integer(name)}, -duration_max, duration_max); }
  WallTime time(std::string_view name);
  /// The other side draws some of them, and here they become paths, and topics: only what a channel may be called.
  ChannelName channel(std::string_view name);
  bool has(std::string_view name) const;
  Reader object(std::string_view name);  ///< empty if missing or null
  std::vector<std::string> texts(std::string_view name);
  std::vector<Url> urls(std::string_view name);
  /// Calls `each` with a Reader per element of a list of objects.
  template <class F>
  void list(std::string_view name, F each) {
    for (json::object& element : objects(name)) {
      Reader reader(std::move(element), problem());
      each(reader);
    }
  }

  bool failed() const { return !problem_text().empty(); }
  std::string const& problem_text() const { return shared_ != nullptr ? *shared_ : problem_; }
  /// `value`, or the problem met while it was read.
  template <class T>
  Read<T> result(T value) const {
    if (failed()) return unexpected(problem_text());
    return value;
  }

private:
  std::string* problem() { return shared_ != nullptr ? shared_ : &problem_; }
  void wrong(std::string_view name, std::string_view expected);
  json::value const* find(std::string_view name) const;
  std::vector<json::object> objects(std::string_view name);

  json::object object_;
  std::string problem_;
  std::string* shared_ = nullptr;
};

json::array urls_json(std::vector<Url> const& urls);
/// Sets a member unless the value is Go's zero of its kind ("omitempty").
void set_unless_empty(json::object& object, std::string_view name, std::string_view value);
void set_unless_zero(json::object& object, std::string_view name, std::int64_t value);
void set_unless_false(json::object& object, std::string_view name, bool value);
void set_troubles(json::object& object, std::vector<sync::StructureTrouble> const& troubles);
std::vector<sync::StructureTrouble> read_troubles(Reader& reader);
std::string as_text(json::value const& value);

json::object queue_json(task::QueueConfig const& queue);
task::QueueConfig read_queue_config(Reader reader);

}  // namespace arangosync::rest
