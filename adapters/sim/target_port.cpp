#include "adapters/sim/target_port.h"

#include "adapters/codec/apply_plan.h"
#include "adapters/codec/changes.h"
#include "adapters/codec/comparison.h"
#include "adapters/sim/cluster_json.h"
#include "domain/base/check.h"
#include "domain/base/overloaded.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace arangosync::sim {

namespace {

using namespace std::chrono_literals;

constexpr Duration call_timeout = 10s;
// Small, so that a comparison of a few dozen documents already takes several parts.
constexpr std::size_t part_bytes_max = 64;

Outcome<Done> done_if(bool is_done, ModelError const* error) {
  if (is_done) return Done{};
  return unexpected(fault_of(*error));
}

template <class T>
Outcome<Done> done(ModelResult<T> const& result) {
  return done_if(result.has_value(), result ? nullptr : &result.error());
}

/// What there is or is not any more counts as done.
template <class T>
Outcome<Done> done_or(ModelResult<T> const& result, std::initializer_list<int> harmless) {
  if (!result && std::find(harmless.begin(), harmless.end(), result.error().number) != harmless.end()) return Done{};
  return done(result);
}

constexpr int collection_not_found = 1203;
constexpr int duplicate_name = 1207;
constexpr int database_not_found = 1228;
constexpr int index_not_found = 1212;
constexpr int document_not_found = 1202;
constexpr int unique_violated = 1210;

ModelError const view_not_found = model_error(collection_not_found);

/// The simulated clusters tell of no analyzers, so nobody plans such a step.
Outcome<Done> no_analyzers() { return unexpected(Fault{FaultClass::Permanent, "the simulation has no analyzers"}); }

void set_parts(ModelView& view, std::string_view properties, std::map<CollectionName, std::string> const& links,
               std::set<inventory::ViewedIndex> const& indexes) {
  for (auto const& [name, value] : json::members(properties.empty() ? std::string_view("{}") : properties)) {
    view.properties[name] = std::string(value);
  }
  for (auto const& [collection, link] : links) view.links[collection.value()] = link;
  for (auto const& [collection, index] : indexes) view.indexes.emplace_back(collection.value(), index);
}

}  // namespace

template <class Answer>
void SimTargetCluster::call(Instant deadline, std::function<Outcome<Answer>()> ask,
                            std::function<void(Outcome<Answer>)> told) {
  Duration const rest = std::min<Duration>(call_timeout, deadline - self_.now());
  if (rest <= Duration{0}) {
    return self_.enter_later([told] { told(unexpected(Fault{FaultClass::Retry, "the deadline has passed"})); });
  }
  network_.call<Outcome<Answer>, Network::Late::Dropped>(
      self_, cluster_.coordinator, rest,
      [this, ask](std::function<void(Outcome<Answer>)> answer) {
        if (self_.world().chance(cluster_.refusals)) {
          return answer(unexpected(Fault{FaultClass::Retry, "the coordinator is overloaded (503)"}));
        }
        if (cluster_.slowness == Duration{0}) return answer(ask());
        // What it is asked for it does at once; saying so takes long.
        self_.world().after(cluster_.slowness, [answer, result = ask()] { answer(result); });
      },
      [told](std::optional<Outcome<Answer>> answer) {
        if (answer) return told(std::move(*answer));
        told(unexpected(Fault{FaultClass::Retry, "the coordinator does not answer"}));
      });
}

// ---- structure ----------------------------------------------------------------------------------------------------

void SimTargetCluster::perform(worker::ReadTargetStructure const& effect) {
  call<worker::TargetStructure>(
      self_.now() + call_timeout,
      [this] {
        return worker::TargetStructure{structure_of(cluster_), cluster_.origins};
      },
      [this, request = effect.request](Outcome<worker::TargetStructure> outcome) {
        inbox_.post(worker::TargetStructureRead{request, std::move(outcome)});
      });
}

void SimTargetCluster::perform(worker::ApplyStep const& effect) {
  call<Done>(
      effect.deadline, [this, step = effect.step] { return apply(step); },
      [this, request = effect.request](Outcome<Done> outcome) {
        inbox_.post(worker::StepApplied{request, std::move(outcome)});
      });
}

Outcome<Done> SimTargetCluster::apply(inventory::Step const& step) {
  ClusterModel& model = *cluster_.model;
  return std::visit(
      overloaded{
          [&](inventory::CreateDatabase const& create) {
            return done_or(model.create_database(create.database.value(), {}), {duplicate_name});
          },
          [&](inventory::DropDatabase const& drop) {
            auto const dropped = done_or(model.drop_database(drop.database.value()), {database_not_found});
            if (dropped) std::erase_if(cluster_.origins, [&](auto const& o) { return o.first.first == drop.database; });
            return dropped;
          },
          [&](inventory::CreateCollection const& create) {
            // A name that is taken: what is there is looked at before anything is believed of it.
            return done(model.create_collection(create.database.value(), creating_body(create.collection)));
          },
          [&](inventory::ChangeCollection const& change) {
            return done(
                model.change_collection(change.database.value(), change.collection.value(), change.mutable_properties));
          },
          [&](inventory::DropCollection const& drop) {
            cluster_.origins.erase({drop.database, drop.collection});
            return done_or(model.drop_collection(drop.database.value(), drop.collection.value(), drop.is_system),
                           {collection_not_found, database_not_found});
          },
          [&](inventory::CreateIndex const& create) {
            return done(
                model.create_index(create.database.value(), create.collection.value(), creating_body(create.index)));
          },
          [&](inventory::DropIndex const& drop) {
            return done_or(model.drop_index(drop.database.value(), drop.collection.value(), drop.index_id),
                           {index_not_found});
          },
          [&](inventory::RecordOrigin const& record) {
            cluster_.origins[{record.database, record.collection}] = record.source_id;
            return Outcome<Done>(Done{});
          },
          [&](inventory::CreateAnalyzer const&) { return no_analyzers(); },
          [&](inventory::DropAnalyzer const&) { return no_analyzers(); },
          [&](inventory::CreateView const& create) {
            ModelView view;
            view.name = create.name.value();
            view.type = create.view.type;
            set_parts(view, create.view.mutable_properties, create.view.links, create.view.indexes);
            return done_or(model.create_view(create.database.value(), std::move(view)), {duplicate_name});
          },
          [&](inventory::ChangeView const& change) {
            auto const* existing = model.find_view(change.database.value(), change.name.value());
            if (existing == nullptr) return done_if(false, &view_not_found);
            ModelView view = *existing;
            for (auto const& collection : change.change.unlinked) view.links.erase(collection.value());
            for (auto const& entry : change.change.removed) {
              std::erase(view.indexes, std::pair(entry.collection.value(), entry.index));
            }
            set_parts(view, change.change.properties, change.change.links, change.change.added);
            return done(model.change_view(change.database.value(), std::move(view)));
          },
          [&](inventory::DropView const& drop) {
            return done_or(model.drop_view(drop.database.value(), drop.name.value()),
                           {collection_not_found, database_not_found});
          },
      },
      step);
}

// ---- positions ----------------------------------------------------------------------------------------------------

void SimTargetCluster::perform(worker::ReadPosition const& effect) {
  call<worker::TargetShard>(
      self_.now() + call_timeout,
      [this, shard = effect.shard]() -> Outcome<worker::TargetShard> {
        worker::TargetShard found;
        if (cluster_.on_position_read) cluster_.on_position_read(self_, shard);
        if (auto const* position = cluster_.position_of(shard)) found.position = *position;
        auto const origin = cluster_.origins.find({shard.database, inventory::target_name(shard.collection)});
        if (origin != cluster_.origins.end()) found.origin = origin->second;
        return found;
      },
      [this, request = effect.request](Outcome<worker::TargetShard> outcome) {
        inbox_.post(worker::PositionRead{request, std::move(outcome)});
      });
}

void SimTargetCluster::perform(worker::StorePositions const& effect) {
  call<Done>(
      effect.deadline,
      [this, positions = effect.positions, stamp = effect.stamp]() -> Outcome<Done> {
        for (auto const& stored : positions) {
          if (stored.position) {
            cluster_.positions[stored.shard] = SimCluster::KeptPosition{*stored.position, stamp};
            bool const is_good = cluster_.position_of(stored.shard) != nullptr;
            if (is_good && cluster_.on_position) cluster_.on_position(self_, stored.shard, *stored.position);
          } else {
            cluster_.positions.erase(stored.shard);
          }
        }
        return Done{};
      },
      [this, request = effect.request](Outcome<Done> outcome) {
        inbox_.post(worker::PositionsStored{request, std::move(outcome)});
      });
}

void SimTargetCluster::perform(worker::Beat const& effect) {
  call<worker::PulseFound>(
      effect.deadline,
      [this, stamp = effect.stamp]() -> Outcome<worker::PulseFound> {
        auto const known = cluster_.pulses.find(stamp.pulse);
        std::uint64_t const seen = known == cluster_.pulses.end() ? 0 : known->second;
        if (seen == stamp.beat) return worker::PulseFound::AsLeft;
        if (seen + 1 != stamp.beat) return worker::PulseFound::SetBack;
        cluster_.pulses[stamp.pulse] = stamp.beat;
        return worker::PulseFound::AsLeft;
      },
      [this, request = effect.request](Outcome<worker::PulseFound> outcome) {
        inbox_.post(worker::BeatAnswered{request, std::move(outcome)});
      });
}

// ---- documents ----------------------------------------------------------------------------------------------------

void SimTargetCluster::perform(worker::ApplyBatch const& effect) {
  Keys copied;
  if (effect.copy) {
    auto& keys = copies_[*effect.copy];
    if (!keys) keys = std::make_shared<std::set<std::string, std::less<>>>();
    copied = keys;
  }
  call<worker::ApplyReport>(
      effect.deadline,
      [this, effect, copied] {
        if (self_.world().chance(cluster_.poison)) {
          Fault poisoned{FaultClass::Permanent, "a document violates the collection's schema (1620)"};
          return Outcome<worker::ApplyReport>(unexpected(std::move(poisoned)));
        }
        if (cluster_.on_apply) cluster_.on_apply(self_, effect.shard);
        return apply(effect.shard, effect.changes, copied, effect.of_log);
      },
      [this, request = effect.request](Outcome<worker::ApplyReport> outcome) {
        inbox_.post(worker::BatchApplied{request, std::move(outcome)});
      });
}

namespace {

/// What stands behind the last "conflicting key: "; empty if nothing does.
std::string conflicting_key(std::string const& message) {
  constexpr std::string_view introduction = "conflicting key: ";
  auto const at = message.rfind(introduction);
  return at == std::string::npos ? std::string() : message.substr(at + introduction.size());
}

using Documents = std::vector<std::string_view>;

std::string_view text_of_key(std::string_view document) { return json::find(document, "_key"); }

/// Which of these would push a newer document aside, whose own change does not wait among them. `holders`: for each.
Documents those_that_give_way(ClusterModel const& model, ModelCollection const& collection, Documents const& documents,
                              std::vector<std::string> const& holders) {
  std::set<std::string_view> waiting;
  for (auto const document : documents) waiting.insert(text_of_key(document));
  Documents giving;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    auto const holder = model.find_document(collection, json::text_of(holders[i]));
    if (!holder || waiting.contains(holders[i])) continue;
    auto const revision = json::text_of(json::find(documents[i], "_rev"));
    if (revision::is_newer(holder->revision, revision)) giving.push_back(documents[i]);
  }
  return giving;
}

/// Stores documents whose unique values may still be taken by what they replace, as the real adapter does: again while
/// that helps, and then what is in the way goes first. Unless it is newer, where a log may be read again (`of_log`).
Outcome<Done> store(SimCluster& cluster, ShardRef const& shard, Documents documents, bool of_log) {
  ClusterModel& model = *cluster.model;
  std::string const database = shard.database.value();
  std::string const collection = inventory::target_name(shard.collection).value();
  WriteOptions options;
  options.is_restore = true;
  options.overwrite = Overwrite::Replace;
  for (int clearings = 0; !documents.empty();) {
    auto const stored = model.insert(database, collection, documents, options);
    if (!stored) return unexpected(fault_of(stored.error()));
    std::vector<std::string_view> left;
    std::vector<std::string> in_the_way;
    std::string why;
    for (std::size_t i = 0; i < stored->size(); ++i) {
      WriteResult const& result = (*stored)[i];
      if (result.error == 0) continue;
      std::string const other = conflicting_key(result.message);
      if (result.error != unique_violated || other.empty()) {
        return unexpected(fault_of(model_error(result.error, result.message)));
      }
      left.push_back(documents[i]);
      in_the_way.push_back('"' + other + '"');
      why = result.message;
    }
    if (left.size() == documents.size()) {
      auto const giving =
          of_log ? those_that_give_way(model, *model.find_collection(database, collection), left, in_the_way)
                 : Documents();
      for (auto const document : giving) {
        cluster.given_way.insert(
            {shard, json::text_of(text_of_key(document)), json::text_of(json::find(document, "_rev"))});
      }
      if (!giving.empty()) {
        std::erase_if(documents, [&](std::string_view document) {
          return std::find(giving.begin(), giving.end(), document) != giving.end();
        });
        continue;
      }
      if (++clearings > 3) return unexpected(fault_of(model_error(unique_violated, why)));
      // Between this and the next lines of one request nobody looks: no position speaks of the shard meanwhile.
      auto position = cluster.positions.extract(shard);
      model.remove(database, collection, {in_the_way.begin(), in_the_way.end()}, WriteOptions{});
      if (position) cluster.positions.insert(std::move(position));
    }
    documents = std::move(left);
  }
  return Done{};
}

}  // namespace

Outcome<worker::ApplyReport> SimTargetCluster::apply(ShardRef const& shard, std::vector<shard::Payload> const& changes,
                                                     Keys const& copied, bool of_log) {
  std::string const database = shard.database.value();
  std::string const collection = inventory::target_name(shard.collection).value();
  auto const batch = codec::ChangesReader::open(changes);
  DC_ASSERT(batch.has_value());
  auto const found = find_shard(shard);
  if (!found) return unexpected(found.error());

  codec::ApplyPlan plan = codec::plan_batch(*batch);
  std::vector<std::string_view> upserts;
  std::set<std::string, std::less<>> upserted;
  for (auto const index : plan.upserts) {
    upserts.push_back((*batch)[index].document);
    upserted.emplace((*batch)[index].key);
  }
  if (copied) {
    copied->insert(upserted.begin(), upserted.end());
    copied->insert(plan.removals.begin(), plan.removals.end());
  }
  if (plan.truncate) {
    for (auto const& [key, document] : *(*found)->documents) {
      if (!upserted.contains(key)) plan.removals.push_back(key);
    }
  }
  std::vector<std::string> removals;
  for (auto const& key : plan.removals) removals.push_back('"' + key + '"');
  worker::ApplyReport report;
  WriteOptions options;
  options.is_restore = true;
  options.overwrite = Overwrite::Replace;
  std::vector<std::string_view> const removal_views(removals.begin(), removals.end());
  if (!removals.empty()) {
    auto const removed = cluster_.model->remove(database, collection, removal_views, options);
    if (!removed) return unexpected(fault_of(removed.error()));
    for (auto const& result : *removed) {
      if (result.error != 0 && result.error != document_not_found) {
        return unexpected(fault_of(model_error(result.error, result.message)));
      }
      if (result.error == 0) ++report.removed;
    }
  }
  if (auto stored = store(cluster_, shard, upserts, of_log); !stored) {
    return unexpected(stored.error());
  }
  report.upserted = static_cast<std::uint32_t>(upserts.size());
  if (!plan.by_revision.empty()) {
    auto const removed = remove_revisions(shard, {plan.by_revision.begin(), plan.by_revision.end()});
    if (!removed) return unexpected(removed.error());
    report.removed += *removed;
  }
  return report;
}

// ---- comparisons --------------------------------------------------------------------------------------------------

void SimTargetCluster::perform(worker::CompareTree const& effect) {
  call<worker::Comparison>(
      self_.now() + call_timeout, [this, effect] { return compare(effect); },
      [this, request = effect.request](Outcome<worker::Comparison> outcome) {
        inbox_.post(worker::TreeCompared{request, std::move(outcome)});
      });
}

Outcome<worker::Comparison> SimTargetCluster::compare(worker::CompareTree const& effect) {
  auto const source = codec::read_outline(effect.tree);
  if (!source) return unexpected(Fault{FaultClass::Permanent, source.error()});
  auto const shard = find_shard(effect.shard);
  if (!shard) return unexpected(shard.error());
  std::vector<ModelDocumentPtr> documents;
  for (auto const& [key, document] : *(*shard)->documents) documents.push_back(document);
  std::sort(documents.begin(), documents.end(),
            [](auto const& a, auto const& b) { return a->revision_number < b->revision_number; });
  auto const tree = cluster_.revision_trees ? tree_of_documents(documents) : std::nullopt;

  worker::Comparison comparison;
  comparison.copy_instead = tree ? revision::copy_is_better(*source, *tree) : "the target has no tree of the shard";
  if (!comparison.copy_instead.empty()) {
    if (tree) comparison.ranges = effect.tree;  // it does differ, wherever
    return comparison;
  }
  revision::PartMaker maker(revision::questions(*source, *tree), revision::width_of_questions(*source, *tree),
                            effect.from, std::min(effect.part_bytes, part_bytes_max));
  while (auto const wanted = maker.wanted()) {
    std::vector<revision::RevisionId> revisions;
    bool to_the_end = true;
    for (auto const& document : documents) {
      revision::RevisionId const id(document->revision_number);
      if (id < wanted->range.first || id > wanted->range.last) continue;
      to_the_end = revisions.size() < wanted->count_max;
      if (!to_the_end) break;
      revisions.push_back(id);
    }
    maker.listed(std::move(revisions), to_the_end);
  }
  comparison.next = maker.next();
  revision::Part const part = maker.take();
  comparison.wants_detail = revision::wants_detail(part);
  comparison.ranges = codec::print_part(part);
  return comparison;
}

/// Last of all, and only what has exactly this revision still.
Outcome<std::uint32_t> SimTargetCluster::remove_revisions(ShardRef const& shard,
                                                          std::vector<std::string_view> const& revisions) {
  auto const found = find_shard(shard);
  if (!found) return unexpected(found.error());
  std::vector<std::string> items;
  for (auto const& [key, document] : *(*found)->documents) {
    if (std::find(revisions.begin(), revisions.end(), document->revision) == revisions.end()) continue;
    items.push_back(R"({"_key":")" + key + R"(","_rev":")" + document->revision + "\"}");
  }
  if (items.empty()) return std::uint32_t{0};
  WriteOptions options;
  options.ignore_revs = false;
  std::vector<std::string_view> const views(items.begin(), items.end());
  auto const removed =
      cluster_.model->remove(shard.database.value(), inventory::target_name(shard.collection).value(), views, options);
  if (!removed) return unexpected(fault_of(removed.error()));
  return static_cast<std::uint32_t>(items.size());
}

Outcome<ModelShard const*> SimTargetCluster::find_shard(ShardRef const& shard) const {
  ModelCollection const* const known =
      cluster_.model->find_collection(shard.database.value(), inventory::target_name(shard.collection).value());
  if (known == nullptr) return unexpected(Fault{FaultClass::NotFound, "collection not found"});
  if (shard.index >= known->shards.size()) return unexpected(Fault{FaultClass::Refresh, "no such shard"});
  return &known->shards[shard.index];
}

void SimTargetCluster::perform(worker::RemoveSurplus const& effect) {
  // A copy without documents has left no trace: everything is surplus.
  Keys copied = copies_[effect.copy];
  if (!copied) copied = std::make_shared<std::set<std::string, std::less<>>>();
  call<std::uint64_t>(
      effect.deadline,
      [this, shard = effect.shard, copied] {
        if (cluster_.on_apply) cluster_.on_apply(self_, shard);
        return remove_surplus(shard, copied);
      },
      [this, effect](Outcome<std::uint64_t> outcome) {
        if (outcome) copies_.erase(effect.copy);
        inbox_.post(worker::SurplusRemoved{effect.request, std::move(outcome)});
      });
}

Outcome<std::uint64_t> SimTargetCluster::remove_surplus(ShardRef const& shard, Keys const& copied) {
  std::string const database = shard.database.value();
  std::string const collection = inventory::target_name(shard.collection).value();
  auto const found = find_shard(shard);
  if (!found) return unexpected(found.error());
  std::vector<std::string> surplus;
  for (auto const& [key, document] : *(*found)->documents) {
    if (copied->count(key) == 0) surplus.push_back('"' + key + '"');
  }
  if (surplus.empty()) return std::uint64_t{0};
  std::vector<std::string_view> const views(surplus.begin(), surplus.end());
  auto const removed = cluster_.model->remove(database, collection, views, WriteOptions{});
  if (!removed) return unexpected(fault_of(removed.error()));
  return std::uint64_t{surplus.size()};
}

void SimTargetCluster::perform(worker::ForgetCopy const& effect) { copies_.erase(effect.copy); }

}  // namespace arangosync::sim
