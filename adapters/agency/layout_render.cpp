// Parts of the state as agency operations.
#include "adapters/agency/layout.h"
#include "adapters/agency/layout_forms.h"
#include "domain/base/check.h"

#include <boost/json.hpp>

#include <utility>

namespace arangosync::agency::layout {

namespace bj = boost::json;

namespace {

constexpr char const* incoming_key = "synchronizationState/incoming";
constexpr char const* outgoing_key = "synchronizationState/outgoing";
constexpr char const* targets_key = "synchronizationState/outgoing/targets";

std::string partner_key(sync::Partner const& partner) {
  return partner ? std::string(targets_key) + "/" + segment(partner->value()) : std::string(incoming_key);
}

/// Collects operations for one save.
class Writer {
public:
  explicit Writer(master::Office const& office) : office_(office) {}

  void write(Part const& part, std::string const& program_version);
  std::vector<ports::AgencyOperation> done() && {
    for (auto const& [name, version] : versions_) {
      operations_.push_back({key(name), ports::AgencySet{text_json(version)}});
    }
    return std::move(operations_);
  }

private:
  void set(std::string const& relative, bj::value const& value) {
    operations_.push_back({key(relative), ports::AgencySet{bj::serialize(value)}});
  }
  void erase(std::string const& relative) { operations_.push_back({key(relative), ports::AgencyDelete{}}); }
  void version(std::string const& registry, char const* number) { versions_[registry + "/structureVersion"] = number; }

  void write_workers();
  void write_topics();
  void write_task(TaskId const& id);
  void write_token(Token const& token);
  void write_synchronization(sync::Partner const& partner);
  void write_fields(sync::Partner const& partner);
  void write_shard(sync::Partner const& partner, ShardRef const& shard);
  void write_heard();
  void write_endings(ClusterId const& target);

  master::Office const& office_;
  std::vector<ports::AgencyOperation> operations_;
  std::map<std::string, std::string> versions_;
};

void Writer::write(Part const& part, std::string const& program_version) {
  switch (part.kind) {
    case PartKind::ProgramVersion:
      return set("programVersion", bj::value(program_version));
    case PartKind::WorkerCa:
      return office_.worker_ca ? set("workerCA", json_of(*office_.worker_ca)) : erase("workerCA");
    case PartKind::Workers:
      return write_workers();
    case PartKind::Topics:
      return write_topics();
    case PartKind::Task:
      return write_task(TaskId(part.id));
    case PartKind::TokenEntry:
      return write_token(Token(part.id));
    case PartKind::ClusterId:
      version("synchronizationState", "0.2");
      if (office_.sync.cluster_id.value().empty()) return erase("synchronizationState/cluster-id");
      return set("synchronizationState/cluster-id", bj::value(office_.sync.cluster_id.value()));
    case PartKind::CancellationAborted:
      if (!office_.sync.cancellation_aborted) return erase("synchronizationState/cancellation-aborted");
      return set("synchronizationState/cancellation-aborted", bj::value(true));
    case PartKind::Life:
      if (office_.sync.life == sync::Life()) return erase("synchronizationState/life");
      return set("synchronizationState/life", bj::value(office_.sync.life.value()));
    case PartKind::Heard:
      return write_heard();
    case PartKind::MessageTimeout:
      if (office_.message_timeout == Duration{0}) return erase("messageTimeout");
      return set("messageTimeout", bj::value(office_.message_timeout.count()));
    case PartKind::PlanSeen:
      if (office_.plan.seen == 0) return erase("synchronizationState/plan-seen");
      return set("synchronizationState/plan-seen", bj::value(office_.plan.seen));
    case PartKind::ModeDoubted:
      if (!office_.mode.is_doubted) return erase("synchronizationState/mode-doubted");
      return set("synchronizationState/mode-doubted", bj::value(true));
    case PartKind::Synchronization:
      return write_synchronization(part.partner);
    case PartKind::SynchronizationFields:
      return write_fields(part.partner);
    case PartKind::Endings:
      return write_endings(*part.partner);
    case PartKind::Shard:
      return write_shard(part.partner, part.shard);
  }
  DC_ASSERT(false);
}

void Writer::write_workers() {
  bj::object workers;
  for (auto const& [id, member] : office_.members) workers[segment(id.value())] = json_of(member.record);
  set("workerRegistry", bj::object{{"structureVersion", "0.2"}, {"workers", std::move(workers)}});
}

void Writer::write_topics() {
  bj::array topics;
  for (ChannelName const& topic : office_.topics) topics.emplace_back(topic.value());
  set("mqRegistry/topics", topics);
  version("mqRegistry", "0.1");
}

void Writer::write_task(TaskId const& id) {
  std::string const at = "taskRegistry/tasks/" + segment(id.value());
  task::Task const* const task = task::find(office_.tasks, id);
  if (task == nullptr) return erase(at);
  set(at, json_of(*task));
  version("taskRegistry", "0.1");
}

void Writer::write_token(Token const& token) {
  std::string const at = "directMQTokens/tokens/" + segment(token.value());
  auto const entry = office_.tokens.find(token);
  if (entry == office_.tokens.end()) return erase(at);
  set(at, json_of(entry->second));
  version("directMQTokens", "0.2");
}

void Writer::write_synchronization(sync::Partner const& partner) {
  bj::object json;
  if (!partner) {
    if (!office_.sync.incoming) return erase(incoming_key);
    json = fields_of(*office_.sync.incoming);
  } else {
    auto const outgoing = office_.sync.outgoing.find(*partner);
    // An empty `targets` would mean "synchronization in progress" to the Kubernetes operator: the key goes with the
    // last.
    if (office_.sync.outgoing.empty()) return erase(outgoing_key);
    if (outgoing == office_.sync.outgoing.end()) return erase(partner_key(partner));
    json = fields_of(outgoing->second);
    if (outgoing->second.endings != sync::Endings{}) json["endings"] = json_of(outgoing->second.endings);
  }
  bj::object shards = shards_json(*sync::shards_of(office_.sync, partner));
  if (!shards.empty()) json["shards"] = std::move(shards);
  set(partner_key(partner), json);
  version("synchronizationState", "0.2");
}

void Writer::write_fields(sync::Partner const& partner) {
  bj::object json;
  if (!partner) {
    DC_ASSERT(office_.sync.incoming.has_value());
    json = fields_of(*office_.sync.incoming);
  } else {
    json = fields_of(office_.sync.outgoing.at(*partner));
  }
  // Fields that may be left out must not survive from before.
  std::vector<std::string> optional{"final-mode", "barrier"};
  if (!partner) {
    optional = {"remote-mq-config", "own-token", "announced", "message", "cancellation", "lineage", "barrier"};
  }
  for (std::string const& name : optional) {
    if (!json.contains(name)) erase(partner_key(partner) + "/" + name);
  }
  for (auto const& [name, value] : json) set(partner_key(partner) + "/" + std::string(name), value);
}

void Writer::write_shard(sync::Partner const& partner, ShardRef const& shard) {
  std::string const at = partner_key(partner) + "/shards/" + segment(to_string(shard));
  sync::ShardEntry const* const entry = sync::find(office_.sync, partner, shard);
  if (entry == nullptr) return erase(at);
  set(at, json_of(*entry));
}

void Writer::write_heard() {
  bj::object json;
  for (auto const& [target, heard] : office_.sync.heard) {
    json[segment(target.value())] = bj::object{{"order", json_of(heard.order)}, {"at", time_json(heard.at)}};
  }
  json.empty() ? erase("synchronizationState/heard") : set("synchronizationState/heard", json);
}

void Writer::write_endings(ClusterId const& target) {
  std::string const at = partner_key(target) + "/endings";
  sync::Endings const& endings = office_.sync.outgoing.at(target).endings;
  endings == sync::Endings{} ? erase(at) : set(at, json_of(endings));
}

/// Part of a synchronization that is written as a whole, or that is gone.
bool is_covered(Part const& part, Parts const& parts, master::Office const& office) {
  bool const is_piece =
      part.kind == PartKind::SynchronizationFields || part.kind == PartKind::Shard || part.kind == PartKind::Endings;
  if (!is_piece) return false;
  if (parts.count(Part{PartKind::Synchronization, "", part.partner, {}}) > 0) return true;
  return !sync::status_of(office.sync, part.partner).has_value();
}

}  // namespace

std::vector<ports::AgencyOperation> render(Parts const& parts, master::State const& after) {
  DC_ASSERT(after.office.has_value());
  Writer writer(*after.office);
  bool erased_targets = false;
  for (Part const& part : parts) {
    if (is_covered(part, parts, *after.office)) continue;
    // One key, one operation: with the last target the whole branch goes, once.
    bool const is_target = part.kind == PartKind::Synchronization && part.partner;
    if (is_target && after.office->sync.outgoing.empty()) {
      if (erased_targets) continue;
      erased_targets = true;
    }
    writer.write(part, after.identity.program_version);
  }
  return std::move(writer).done();
}

}  // namespace arangosync::agency::layout
