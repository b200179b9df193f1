#include "adapters/sim/agency_model.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

#include <boost/json.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

namespace arangosync::sim {
namespace {

namespace bj = boost::json;
using Path = std::vector<std::string>;

constexpr std::size_t log_entries_kept = 500;  // the agency's own compaction step
constexpr std::size_t client_ids_kept = 100'000;

Path split(std::string_view path) {
  Path parts;
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    if (end > 0) parts.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

std::string join(Path const& path) {
  std::string text;
  for (auto const& part : path) text += '/' + part;
  return text;
}

bj::value without_hidden(bj::value const& value) {
  auto const* object = value.if_object();
  if (object == nullptr) return value;
  bj::object shown;
  for (auto const& [name, child] : *object) {
    if (!name.starts_with(".")) shown.emplace(name, without_hidden(child));
  }
  return shown;
}

std::optional<bj::value> parse(std::string_view body) {
  boost::system::error_code error;
  bj::value value = bj::parse(body, error);
  if (error) return std::nullopt;
  return value;
}

std::int64_t integer(bj::value const* value, std::int64_t otherwise) {
  if (value == nullptr) return otherwise;
  if (value->is_int64()) return value->get_int64();
  if (value->is_uint64()) return static_cast<std::int64_t>(value->get_uint64());
  if (value->is_double()) return static_cast<std::int64_t>(value->get_double());
  return otherwise;
}

bool contains(bj::array const& array, bj::value const& value) {
  return std::find(array.begin(), array.end(), value) != array.end();
}

/// One tree with conditional, atomic transactions; the persistent store and the transient one are two of these.
class Store {
public:
  Store(bool has_ttl, std::function<Instant()> now) : has_ttl_(has_ttl), now_(std::move(now)) {}

  bj::object const& root() const { return root_; }

  bj::value const* find(Path const& path) const {
    bj::object const* at = &root_;
    bj::value const* found = nullptr;
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (i > 0) at = found->if_object();
      if (at == nullptr) return nullptr;
      found = at->if_contains(path[i]);
      if (found == nullptr) return nullptr;
    }
    return found;
  }

  /// Copies what exists of `path` into `into`, with its full path from the root.
  void read(std::string_view text, bj::object& into) const {
    bool shows_hidden = text.starts_with(".") || text.find("/.") != std::string_view::npos;
    Path path = split(text);
    if (path.empty()) {
      into = shows_hidden ? root_ : without_hidden(root_).as_object();
      return;
    }
    bj::object const* from = &root_;
    bj::object* to = &into;
    for (std::size_t i = 0; i < path.size(); ++i) {
      bj::value const* child = from->if_contains(path[i]);
      if (child == nullptr) return;
      if (i + 1 == path.size() || !child->is_object()) {
        if (i + 1 == path.size()) (*to)[path[i]] = shows_hidden ? *child : without_hidden(*child);
        return;
      }
      bj::value& next = (*to)[path[i]];
      if (!next.is_object()) next.emplace_object();
      from = &child->get_object();
      to = &next.get_object();
    }
  }

  bool holds(std::string_view key, bj::value const& condition) const {
    bj::value const* node = find(split(key));
    auto const* words = condition.if_object();
    if (words == nullptr) return same(node, condition);
    return std::all_of(words->begin(), words->end(),
                       [&](auto const& word) { return holds(node, word.key(), word.value()); });
  }

  /// All or nothing. False if an operation cannot be carried out.
  bool apply(bj::object const& operations) {
    std::vector<Undo> undo;
    for (auto const& [key, operation] : operations) {
      if (perform(std::string_view(key.data(), key.size()), operation, undo)) continue;
      for (auto step = undo.rbegin(); step != undo.rend(); ++step) restore(*step);
      return false;
    }
    return true;
  }

  void expire() {
    if (!now_) return;
    Instant now = now_();
    for (auto it = expiries_.begin(); it != expiries_.end();) {
      if (it->second > now) {
        ++it;
        continue;
      }
      remove(split(it->first));
      it = expiries_.erase(it);
    }
  }

private:
  struct Undo {
    Path path;
    std::optional<bj::value> before;
    std::map<std::string, Instant> expiries;
  };

  static bool same(bj::value const* node, bj::value const& expected) {
    return node != nullptr ? *node == expected : expected == bj::value(bj::object());
  }

  static bool holds(bj::value const* node, std::string_view word, bj::value const& operand) {
    bj::array const* array = node != nullptr ? node->if_array() : nullptr;
    if (word == "old") return same(node, operand);
    if (word == "oldNot") return !same(node, operand);
    if (word == "oldEmpty") return operand.is_bool() && operand.get_bool() == (node == nullptr);
    if (word == "isArray") return operand.is_bool() && operand.get_bool() == (array != nullptr);
    if (word == "in") return array != nullptr && contains(*array, operand);
    if (word == "notin") return node == nullptr || (array != nullptr && !contains(*array, operand));
    if (word == "intersectionEmpty") {
      if (!operand.is_array()) return false;
      auto const& others = operand.get_array();
      return array == nullptr ||
             std::none_of(others.begin(), others.end(), [&](auto const& other) { return contains(*array, other); });
    }
    return false;
  }

  /// Remembers the topmost thing that changes when `path` is written.
  void remember(Path const& path, std::vector<Undo>& undo) {
    Path top;
    for (auto const& part : path) {
      top.push_back(part);
      bj::value const* node = find(top);
      if (node == nullptr || !node->is_object()) break;
    }
    bj::value const* node = find(top);
    undo.push_back({top, node != nullptr ? std::optional<bj::value>(*node) : std::nullopt, expiries_});
  }
  void restore(Undo& step) {
    if (step.before)
      place(step.path, std::move(*step.before));
    else
      remove(step.path);
    expiries_ = std::move(step.expiries);
  }

  void place(Path const& path, bj::value value) {
    bj::object* at = &root_;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      bj::value& next = (*at)[path[i]];
      if (!next.is_object()) next.emplace_object();
      at = &next.get_object();
    }
    (*at)[path.back()] = std::move(value);
  }
  void remove(Path const& path) {
    bj::object* at = &root_;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      bj::value* next = at->if_contains(path[i]);
      if (next == nullptr || !next->is_object()) return;
      at = &next->get_object();
    }
    at->erase(path.back());
  }
  void forget_expiry(std::string const& path) {
    for (auto it = expiries_.lower_bound(path); it != expiries_.end() && it->first.starts_with(path);) {
      bool is_below = it->first.size() == path.size() || it->first[path.size()] == '/';
      it = is_below ? expiries_.erase(it) : std::next(it);
    }
  }

  bool perform(std::string_view key, bj::value const& operation, std::vector<Undo>& undo) {
    Path path = split(key);
    if (path.empty()) return false;
    remember(path, undo);
    auto const* object = operation.if_object();
    bj::value const* op = object != nullptr ? object->if_contains("op") : nullptr;
    if (op == nullptr) {
      forget_expiry(join(path));
      place(path, operation);
      return true;
    }
    if (!op->is_string()) return false;
    std::string_view word(op->get_string().data(), op->get_string().size());
    if (word == "set") return set(path, *object);
    if (word == "delete") {
      forget_expiry(join(path));
      remove(path);
      return true;
    }
    if (word == "increment" || word == "decrement") {
      std::int64_t step = integer(object->if_contains("step"), 1);
      std::int64_t value = integer(find(path), 0);
      place(path, word == "increment" ? value + step : value - step);
      return true;
    }
    return perform_on_array(path, word, *object);
  }

  bool set(Path const& path, bj::object const& operation) {
    bj::value const* value = operation.if_contains("new");
    if (value == nullptr) return false;
    forget_expiry(join(path));
    place(path, *value);
    bj::value const* ttl = operation.if_contains("ttl");
    if (ttl != nullptr && has_ttl_ && now_) {
      expiries_[join(path)] = now_() + std::chrono::seconds(integer(ttl, 0));
    }
    return true;
  }

  bool perform_on_array(Path const& path, std::string_view word, bj::object const& operation) {
    bj::value const* node = find(path);
    bj::array array = node != nullptr && node->is_array() ? node->get_array() : bj::array();
    bj::value const* value = operation.if_contains("new");
    bj::value const* equal = operation.if_contains("val");
    bj::value const* position = operation.if_contains("pos");
    if (word == "push" && value != nullptr) {
      array.push_back(*value);
    } else if (word == "prepend" && value != nullptr) {
      array.insert(array.begin(), *value);
    } else if (word == "push-queue" && value != nullptr && operation.contains("len")) {
      array.push_back(*value);
      auto length = static_cast<std::size_t>(std::max<std::int64_t>(0, integer(operation.if_contains("len"), 0)));
      if (array.size() > length) {
        array.erase(array.begin(), array.begin() + static_cast<std::ptrdiff_t>(array.size() - length));
      }
    } else if (word == "pop") {
      if (!array.empty()) array.pop_back();
    } else if (word == "shift") {
      if (!array.empty()) array.erase(array.begin());
    } else if (word == "erase" && (equal != nullptr) != (position != nullptr)) {
      if (!erase(array, equal, position)) return false;
    } else if (word == "replace" && value != nullptr && equal != nullptr) {
      std::replace(array.begin(), array.end(), *equal, *value);
    } else {
      return false;
    }
    place(path, std::move(array));
    return true;
  }

  static bool erase(bj::array& array, bj::value const* equal, bj::value const* position) {
    if (equal != nullptr) {
      bj::array kept;
      std::copy_if(array.begin(), array.end(), std::back_inserter(kept),
                   [&](bj::value const& value) { return value != *equal; });
      array = std::move(kept);
      return true;
    }
    std::int64_t at = integer(position, -1);
    if (at < 0 || static_cast<std::uint64_t>(at) >= array.size()) return false;
    array.erase(array.begin() + at);
    return true;
  }

  bool has_ttl_;
  std::function<Instant()> now_;
  bj::object root_;
  std::map<std::string, Instant> expiries_;
};

AgencyModel::Answer refused(int status, std::string_view message) {
  return {status, bj::serialize(bj::object{{"message", bj::string_view(message.data(), message.size())}})};
}

std::string_view view(bj::string const& text) { return {text.data(), text.size()}; }
std::string_view view(bj::string_view text) { return {text.data(), text.size()}; }

/// The elements of a request's body, or what to answer instead.
struct Elements {
  bj::array list;
  std::optional<AgencyModel::Answer> answer;
};
Elements elements_of(std::string_view body) {
  auto value = parse(body);
  if (!value || !value->is_array()) return {{}, refused(400, "Expecting array of arrays as body for writes")};
  if (value->get_array().empty()) return {{}, refused(400, "Empty request")};
  return {std::move(value->get_array()), std::nullopt};
}

bool is_read(bj::value const& element) {
  auto const* paths = element.if_array();
  return paths != nullptr &&
         std::all_of(paths->begin(), paths->end(), [](auto const& path) { return path.is_string(); });
}

}  // namespace

struct AgencyModel::Impl {
  struct Entry {
    std::uint64_t index = 0;
    bj::value query;
  };

  explicit Impl(Options const& options)
      : store(options.has_ttl, options.now), transient(options.has_ttl, options.now) {}

  Store store;
  Store transient;
  std::uint64_t last_index = 0;
  std::deque<Entry> entries;
  std::map<std::string, std::uint64_t> by_client;
  std::deque<std::string> clients_in_order;

  void record(bj::object const& operations, std::string const& client) {
    ++last_index;
    entries.push_back({last_index, operations});
    if (entries.size() > log_entries_kept) entries.pop_front();
    if (client.empty()) return;
    if (by_client.insert_or_assign(client, last_index).second) clients_in_order.push_back(client);
    if (clients_in_order.size() > client_ids_kept) {
      by_client.erase(clients_in_order.front());
      clients_in_order.pop_front();
    }
  }

  struct Written {
    std::uint64_t index = 0;
    bool is_refused = false;          ///< a precondition failed, or the element is no transaction
    std::vector<std::string> failed;  ///< keys whose precondition failed
  };
  Written transact(Store& on, bj::value const& element) {
    auto const* parts = element.if_array();
    bool has_form = parts != nullptr && !parts->empty() && parts->size() <= 3 && parts->front().is_object();
    if (!has_form) return {};
    Written written;
    if (parts->size() > 1 && (*parts)[1].is_object()) {
      for (auto const& [key, condition] : (*parts)[1].get_object()) {
        if (!on.holds(view(key), condition)) written.failed.emplace_back(key.data(), key.size());
      }
    }
    written.is_refused = !written.failed.empty();
    auto const& operations = parts->front().get_object();
    if (written.is_refused || !on.apply(operations)) return written;
    bool has_client = parts->size() > 2 && (*parts)[2].is_string();
    if (&on == &store) record(operations, has_client ? std::string(view((*parts)[2].get_string())) : std::string());
    written.index = last_index == 0 ? 1 : last_index;
    return written;
  }

  bj::object read(Store const& from, bj::array const& paths) const {
    bj::object result;
    for (auto const& path : paths) from.read(view(path.get_string()), result);
    return result;
  }

  Answer mixed(Store& on, std::string_view body) {
    auto [list, answer] = elements_of(body);
    if (answer) return *answer;
    on.expire();
    bj::array results;
    int status = 200;
    for (auto const& element : list) {
      if (is_read(element)) {
        results.push_back(read(on, element.get_array()));
        continue;
      }
      Written written = transact(on, element);
      if (written.is_refused) {
        status = 412;
        bj::object winners;
        for (auto const& key : written.failed) on.read(key, winners);
        results.push_back(std::move(winners));
      } else if (&on == &store) {
        results.push_back(written.index);
      } else {
        results.push_back(written.index > 0);
      }
    }
    return {status, bj::serialize(results)};
  }
};

AgencyModel::AgencyModel(Options options) : impl_(std::make_unique<Impl>(options)) {}
AgencyModel::~AgencyModel() = default;

AgencyModel::Answer AgencyModel::read(std::string_view body) {
  auto [list, answer] = elements_of(body);
  if (answer) return *answer;
  impl_->store.expire();
  bj::array results;
  for (auto const& element : list) {
    if (is_read(element)) results.push_back(impl_->read(impl_->store, element.get_array()));
  }
  if (results.empty()) return {418, bj::serialize(results)};
  return {200, bj::serialize(results)};
}

AgencyModel::Answer AgencyModel::write(std::string_view body) {
  auto [list, answer] = elements_of(body);
  if (answer) return *answer;
  impl_->store.expire();
  bj::array results;
  int status = 200;
  for (auto const& element : list) {
    Impl::Written written = impl_->transact(impl_->store, element);
    if (written.is_refused) status = 412;
    results.push_back(written.index);
  }
  return {status, bj::serialize(bj::object{{"results", results}})};
}

AgencyModel::Answer AgencyModel::transact(std::string_view body) { return impl_->mixed(impl_->store, body); }

AgencyModel::Answer AgencyModel::transient(std::string_view body) { return impl_->mixed(impl_->transient, body); }

AgencyModel::Answer AgencyModel::inquire(std::string_view body) {
  auto value = parse(body);
  if (!value || !value->is_array()) return refused(500, "malformed inquire request");
  bj::array results;
  bool all_known = true;
  for (auto const& client : value->get_array()) {
    if (!client.is_string()) return refused(500, "malformed inquire request");
    std::uint64_t index = inquire_one(std::string(view(client.get_string())));
    all_known = all_known && index > 0;
    results.push_back(index);
  }
  return {all_known ? 200 : 404, bj::serialize(bj::object{{"results", results}, {"inquired", true}})};
}

AgencyModel::Answer AgencyModel::poll(std::uint64_t index) {
  impl_->store.expire();
  std::uint64_t oldest = impl_->entries.empty() ? impl_->last_index + 1 : impl_->entries.front().index;
  bj::object result{{"commitIndex", impl_->last_index}};
  if (index == 0 || index < oldest) {
    result["firstIndex"] = 0;
    result["readDB"] = impl_->store.root();
    return {200, bj::serialize(bj::object{{"result", std::move(result)}})};
  }
  bj::array log;
  for (auto const& entry : impl_->entries) {
    if (entry.index >= index) log.push_back(bj::object{{"index", entry.index}, {"query", entry.query}});
  }
  if (!log.empty()) result["firstIndex"] = index;
  result["log"] = std::move(log);
  return {200, bj::serialize(bj::object{{"error", false}, {"code", 200}, {"result", std::move(result)}})};
}

std::string AgencyModel::read_paths(std::vector<std::string> const& paths) {
  impl_->store.expire();
  bj::object result;
  for (auto const& path : paths) impl_->store.read(path, result);
  return bj::serialize(result);
}

std::uint64_t AgencyModel::write(ports::AgencyTransaction const& transaction) {
  auto as_value = [](std::string const& json) {
    auto value = parse(json);
    DC_ASSERT(value.has_value());
    return std::move(*value);
  };
  bj::object operations;
  for (auto const& operation : transaction.operations) {
    operations[operation.key] = std::visit(overloaded{
                                               [&](ports::AgencySet const& set) {
                                                 return bj::object{{"op", "set"}, {"new", as_value(set.json)}};
                                               },
                                               [&](ports::AgencyDelete const&) {
                                                 return bj::object{{"op", "delete"}};
                                               },
                                               [&](ports::AgencyPush const& push) {
                                                 return bj::object{{"op", "push"}, {"new", as_value(push.json)}};
                                               },
                                               [&](ports::AgencyErase const& erase) {
                                                 return bj::object{{"op", "erase"}, {"val", as_value(erase.json)}};
                                               },
                                           },
                                           operation.what);
  }
  bj::object conditions;
  for (auto const& condition : transaction.conditions) {
    conditions[condition.key] = std::visit(overloaded{
                                               [&](ports::AgencyOld const& old) {
                                                 return bj::object{{"old", as_value(old.json)}};
                                               },
                                               [&](ports::AgencyOldEmpty const& empty) {
                                                 return bj::object{{"oldEmpty", empty.empty}};
                                               },
                                           },
                                           condition.what);
  }
  impl_->store.expire();
  bj::array parts{std::move(operations), std::move(conditions), bj::value(transaction.client_id)};
  return impl_->transact(impl_->store, parts).index;
}

std::uint64_t AgencyModel::inquire_one(std::string const& client_id) {
  auto found = impl_->by_client.find(client_id);
  return found == impl_->by_client.end() ? 0 : found->second;
}

void AgencyModel::put(std::string_view path, std::string_view json) {
  auto value = parse(json);
  DC_ASSERT(value.has_value());
  bj::object operations{{bj::string_view(path.data(), path.size()), bj::object{{"op", "set"}, {"new", *value}}}};
  bool done = impl_->store.apply(operations);
  DC_ASSERT(done);
  impl_->record(operations, "");
}

std::string AgencyModel::at(std::string_view path) {
  impl_->store.expire();
  Path parts = split(path);
  if (parts.empty()) return bj::serialize(impl_->store.root());
  bj::value const* node = impl_->store.find(parts);
  return node == nullptr ? std::string() : bj::serialize(*node);
}

std::uint64_t AgencyModel::commit_index() const { return impl_->last_index; }

}  // namespace arangosync::sim
