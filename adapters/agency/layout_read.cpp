#include "adapters/agency/layout.h"
#include "adapters/agency/layout_forms.h"

#include <boost/json.hpp>

namespace arangosync::agency::layout {

namespace bj = boost::json;

namespace {

/// The object at /arangodb/arangosync of an agency's answer, handed to `read`; whatever cannot be understood is a
/// Fault.
template <class Read>
auto read_answer(std::string const& answer, Read read) -> Outcome<decltype(read(std::declval<bj::object const&>()))> {
  boost::system::error_code error;
  bj::value const parsed = bj::parse(answer, error);
  if (error) return unexpected(Fault{FaultClass::Retry, "the agency's answer is no JSON"});
  try {
    bj::object const& root = as_object(parsed, "the agency's answer");
    return read(object_at(object_at(root, "arangodb"), "arangosync"));
  } catch (Unreadable const& trouble) {
    return unexpected(Fault{FaultClass::Permanent, "agency, /arangodb/arangosync: " + trouble.what});
  }
}

template <class Read>
auto named(std::string const& key, Read read) {
  try {
    return read();
  } catch (Unreadable const& trouble) {
    throw Unreadable{key + ": " + trouble.what};
  }
}

std::string text(bj::string_view name) { return std::string(name.data(), name.size()); }

/// What lies under a key is written back under its id: they must be the same.
void require_key(std::string_view key, std::string const& id) {
  if (id.empty() || segment(id) != key) throw Unreadable{"its id is '" + id + "'"};
}

void read_workers(bj::object const& in, master::Persisted& state) {
  for (auto const& [id, json] : object_at(object_at(in, "workerRegistry"), "workers")) {
    auto worker = named("workerRegistry/workers/" + text(id), [&, &key = id, &value = json] {
      auto read = read_worker(value);
      require_key(key, read.id.value());
      return read;
    });
    WorkerId const worker_id = worker.id;
    state.workers[worker_id] = std::move(worker);
  }
}

/// Also several of one purpose, which a foreign writer may leave: the leader keeps one and removes the others.
void read_tasks(bj::object const& in, master::Persisted& state) {
  for (auto const& [id, json] : object_at(object_at(in, "taskRegistry"), "tasks")) {
    auto task = named("taskRegistry/tasks/" + text(id), [&, &key = id, &value = json] {
      auto read = read_task(value);
      require_key(key, read.id.value());
      return read;
    });
    TaskId const task_id = task.id;
    state.tasks[task_id] = std::move(task);
  }
}

void read_registries(bj::object const& in, master::Persisted& state) {
  read_workers(in, state);
  read_tasks(in, state);
  // A token is a secret: errors do not name it.
  for (auto const& [token, json] : object_at(object_at(in, "directMQTokens"), "tokens")) {
    state.tokens[Token(name_of(token))] = named("directMQTokens", [&, &key = token, &value = json] {
      if (key.empty()) throw Unreadable{"an empty token"};
      return read_token(value);
    });
  }
  bj::value const* const topics = object_at(in, "mqRegistry").if_contains("topics");
  if (topics == nullptr || !topics->is_array()) return;
  for (bj::value const& topic : topics->get_array()) {
    if (topic.is_string()) state.topics.emplace_back(std::string(topic.get_string()));
  }
}

void read_synchronization(bj::object const& in, master::Persisted& state) {
  bj::object const& sync = object_at(in, "synchronizationState");
  state.cluster_id = ClusterId(text_at(sync, "cluster-id"));
  state.cancellation_aborted = bool_at(sync, "cancellation-aborted");
  state.life = sync::Life(number_at(sync, "life"));
  state.plan_seen = number_at(sync, "plan-seen");
  state.mode_doubted = bool_at(sync, "mode-doubted");
  for (auto const& [id, json] : object_at(sync, "heard")) {
    state.heard[ClusterId(name_of(id))] = named("synchronizationState/heard", [&value = json] {
      bj::object const& heard = as_object(value, "an entry");
      return sync::Heard{order_at(heard).value_or(sync::Order{}), time_at(heard, "at")};
    });
  }
  bj::value const* const incoming = sync.if_contains("incoming");
  if (incoming != nullptr && incoming->is_object()) {
    auto read = named("synchronizationState/incoming", [&] { return read_incoming(*incoming); });
    // What the original leaves behind after a stop is nothing.
    if (read.status != sync::Status::Inactive) state.incoming = std::move(read);
  }
  for (auto const& [id, json] : object_at(object_at(sync, "outgoing"), "targets")) {
    auto read = named("synchronizationState/outgoing/targets/" + text(id), [&, &key = id, &value = json] {
      auto target = read_outgoing(value);
      require_key(key, target.id.value());
      return target;
    });
    ClusterId const target = read.id;
    if (read.status != sync::Status::Inactive) state.outgoing[target] = std::move(read);
  }
}

}  // namespace

std::vector<std::string> lease_paths() { return {key("leaderLease"), key("leader")}; }
std::vector<std::string> masters_paths() { return {key("masters"), key("masterBeats")}; }
std::vector<std::string> fence_paths() { return {key("leaderTerm"), key("journal/sequence")}; }

std::vector<std::string> state_paths() {
  return {key("workerCA"),       key("workerRegistry"),       key("mqRegistry"),     key("taskRegistry"),
          key("directMQTokens"), key("synchronizationState"), key("messageTimeout"), key("journal/sequence")};
}

Outcome<std::optional<election::Lease>> read_lease(std::string const& answer) {
  return read_answer(answer, [](bj::object const& in) -> std::optional<election::Lease> {
    if (in.if_contains("leaderLease") == nullptr) {
      std::string const leader = text_at(in, "leader");
      if (leader.empty()) return std::nullopt;
      return election::Lease{MasterId(leader), Term(0), 0};
    }
    bj::object const& lease = object_at(in, "leaderLease");
    return election::Lease{MasterId(text_at(lease, "id")), Term(number_at(lease, "term")), number_at(lease, "beat")};
  });
}

Outcome<std::map<MasterId, MasterEntry>> read_masters(std::string const& answer) {
  return read_answer(answer, [](bj::object const& in) {
    std::map<MasterId, MasterEntry> masters;
    bj::object const& beats = object_at(in, "masterBeats");
    for (auto const& [id, endpoint] : object_at(in, "masters")) {
      MasterEntry entry;
      if (!endpoint.is_string()) throw Unreadable{"masters/" + text(id) + " is no string"};
      entry.record.endpoint = Url(std::string(endpoint.get_string()));
      if (bj::value const* const beat = beats.if_contains(id)) {
        bj::object const& json = as_object(*beat, "masterBeats/" + text(id));
        entry.beat = number_at(json, "beat");
        entry.record.public_endpoints = urls_at(json, "endpoints");
      }
      masters[MasterId(name_of(id))] = std::move(entry);
    }
    return masters;
  });
}

Outcome<Fence> read_fence(std::string const& answer) {
  return read_answer(answer, [](bj::object const& in) {
    bj::object const& term = object_at(in, "leaderTerm");
    return Fence{MasterId(text_at(term, "id")), Term(number_at(term, "term")),
                 number_at(object_at(in, "journal"), "sequence")};
  });
}

Outcome<master::Persisted> read_state(std::string const& answer) {
  return read_answer(answer, [](bj::object const& in) {
    master::Persisted state;
    state.journal_sequence = number_at(object_at(in, "journal"), "sequence");
    bj::value const* const ca = in.if_contains("workerCA");
    if (ca != nullptr && ca->is_object()) state.worker_ca = read_ca(*ca);
    state.message_timeout = duration_at(in, "messageTimeout");
    read_registries(in, state);
    read_synchronization(in, state);
    return state;
  });
}

}  // namespace arangosync::agency::layout
