#include "app/replay/nemesis.h"

#include "app/replay/options.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace arangosync::replay {

namespace {

using Words = std::vector<std::string>;
constexpr Duration is_missed_after = std::chrono::seconds(30);
// A leader that goes and returns between two looks is not seen (docs/decisions/0028).
constexpr Duration is_unseen_within = std::chrono::seconds(16);
constexpr Duration lost_with_its_leader = std::chrono::seconds(1);

std::uint32_t number(std::string const& text) {
  std::uint32_t value = 0;
  auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) throw std::invalid_argument("no number: " + text);
  return value;
}

void need(Words const& words, std::size_t least, std::size_t most) {
  if (words.size() < least || words.size() > most) throw std::invalid_argument("too few or too many words");
}

}  // namespace

std::vector<std::string> words_of(std::string_view command) {
  std::istringstream in{std::string(command)};
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

bool Nemesis::perform(Words const& words) {
  return !words.empty() && (of_process(words) || of_clock(words) || of_link(words) || of_cluster(words));
}

Site& Nemesis::site(std::string_view name) {
  auto const found = std::find_if(sites_.begin(), sites_.end(), [&](auto const& each) {
    return name.starts_with(name_of(each->datacenter())) && (name.size() == 1 || name[1] == '/');
  });
  if (found == sites_.end()) throw std::invalid_argument("no such datacenter: " + std::string(name));
  return **found;
}

std::vector<sim::NodeId> Nemesis::nodes(std::string const& place) {
  if (place.size() == 1) return network_.nodes_of(site(place).datacenter());
  auto const node = network_.find(place);
  if (!node) throw std::invalid_argument("no such node: " + place);
  return {*node};
}

// ---- processes ----------------------------------------------------------------------------------------------------

template <class Strike>
void Nemesis::with_daemon(std::string const& who, Strike strike) {
  Site& where = site(who);
  bool is_known = who.substr(std::min<std::size_t>(2, who.size())) == "leader";
  MasterHost* const leader = is_known ? where.leader() : nullptr;
  auto look_at = [&](auto* host, std::string const& name, bool is_leader) {
    if (name == who) is_known = true;
    if ((name == who || is_leader) && host != nullptr && host->process().is_alive()) strike(*host);
  };
  for (std::size_t i = 0; i < where.masters(); ++i) {
    MasterHost* const host = where.master(i);
    look_at(host, network_.name(where.master_node(i)), host != nullptr && host == leader);
  }
  for (std::size_t i = 0; i < where.workers(); ++i) {
    look_at(where.worker(i), network_.name(where.worker_node(i)), false);
  }
  if (!is_known) throw std::invalid_argument("no such daemon: " + who);
}

std::vector<std::string> Nemesis::daemons(std::string const& who) {
  bool const are_masters = who.ends_with("/masters");
  if (!are_masters && !who.ends_with("/workers")) return {who};
  Site& where = site(who);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < (are_masters ? where.masters() : where.workers()); ++i) {
    names.push_back(network_.name(are_masters ? where.master_node(i) : where.worker_node(i)));
  }
  return names;
}

void Nemesis::kill(std::string const& who, std::uint32_t effects) {
  for (std::string const& daemon : daemons(who)) {
    with_daemon(daemon, [&](auto& host) { effects > 0 ? host.kill_after(effects) : host.process().kill(); });
  }
  site(who).bury_dead();
}

bool Nemesis::of_process(Words const& words) {
  std::string const& verb = words.front();
  if (verb == "kill") {
    need(words, 2, 3);
    kill(words[1], words.size() > 2 ? number(words[2]) : 0);
  } else if (verb == "start") {
    need(words, 2, 2);
    Site& where = site(words[1]);
    words[1].size() == 1 ? where.start_all() : where.start(nodes(words[1]).front());
  } else if (verb == "pause") {
    need(words, 2, 2);
    with_daemon(words[1], [](auto& host) { host.process().pause(); });
  } else if (verb == "resume") {
    need(words, 2, 2);
    with_daemon(words[1], [](auto& host) { host.process().resume(); });
  } else if (verb == "lose-queue") {
    need(words, 2, 2);
    auto const strike = []([[maybe_unused]] auto& host) {
      if constexpr (std::is_same_v<decltype(host), WorkerHost&>) host.queue().lose_channels();
    };
    // A script may name more workers than there are.
    if (network_.find(words[1])) with_daemon(words[1], strike);
  } else {
    return false;
  }
  return true;
}

bool Nemesis::of_clock(Words const& words) {
  if (words.front() != "date" && words.front() != "drift") return false;
  need(words, 3, 3);
  has_set_clocks_wrong_ = true;
  if (words.front() == "date") {
    with_daemon(words[1], [&](auto& host) { host.process().set_wall_error(parse_duration(words[2])); });
    return true;
  }
  bool const is_slow = words[2].starts_with('-');
  std::int64_t const ppm = number(is_slow ? words[2].substr(1) : words[2]);
  with_daemon(words[1], [&](auto& host) { host.process().set_wall_drift(is_slow ? -ppm : ppm); });
  return true;
}

// ---- links --------------------------------------------------------------------------------------------------------

bool Nemesis::of_link(Words const& words) {
  std::string const& verb = words.front();
  if (verb == "clog") {
    need(words, 4, 4);
    Instant const until = world_.now() + parse_duration(words[3]);
    network_.clog(nodes(words[1]).front(), nodes(words[2]).front(), until);
    return true;
  }
  if (verb == "linger") {
    need(words, 2, 2);
    network_.set_linger(parse_duration(words[1]));
    return true;
  }
  if (verb != "cut" && verb != "mute" && verb != "join") return false;
  need(words, 3, 3);
  for (sim::NodeId const from : nodes(words[1])) {
    for (sim::NodeId const to : nodes(words[2])) {
      if (verb == "cut") network_.cut(from, to);
      if (verb == "mute") network_.mute(from, to);
      if (verb == "join") network_.join(from, to);
    }
  }
  return true;
}

// ---- clusters -----------------------------------------------------------------------------------------------------

bool Nemesis::of_cluster(Words const& words) {
  std::string const& verb = words.front();
  if (verb == "agency") {
    need(words, 3, 4);
    on_agency(site(words[1]).cluster(), words);
  } else if (verb == "fail-over") {
    need(words, 3, 4);
    if (words.size() == 3) {
      fail_over(site(words[1]).cluster(), number(words[2]));
    } else if (words[1] == "A" && words[3] == "lossy") {
      fail_over_with_loss(number(words[2]));
    } else {
      throw std::invalid_argument("fail-over A N [lossy]");
    }
  } else if (verb == "reboot" || verb == "trim") {
    need(words, 3, 3);
    sim::ClusterModel& model = *site(words[1]).cluster().model;
    std::string const server = model.db_servers()[number(words[2]) % model.db_servers().size()].id;
    verb == "reboot" ? model.restart_server(server) : model.trim_to(server, model.last_tick(server));
  } else if (verb == "target") {
    need(words, 4, 4);
    on_target(site(words[1]).cluster(), words[2], words[3]);
  } else if (verb == "drop") {
    need(words, 3, 3);
    drop_collection(*site(words[1]).cluster().model, number(words[2]));
  } else if (verb == "backup") {
    need(words, 2, 2);
    site(words[1]).cluster().take_backup();
  } else if (verb == "restore") {
    need(words, 2, 2);
    site(words[1]).cluster().restore_backup();
  } else {
    return false;
  }
  return true;
}

void Nemesis::on_agency(sim::SimCluster& cluster, Words const& words) {
  if (words[2] == "silent" && words.size() == 4) {
    cluster.agency_silence = number(words[3]);
  } else if ((words[2] == "down" || words[2] == "up") && words.size() == 3) {
    cluster.agency_is_down = words[2] == "down";
  } else if (words[2] == "elects" && words.size() == 4) {
    cluster.agency_elects_until = world_.now() + parse_duration(words[3]);
  } else {
    throw std::invalid_argument("agency A silent N, agency A down, agency A up, agency A elects D");
  }
}

void Nemesis::on_target(sim::SimCluster& cluster, std::string const& how, std::string const& much) {
  if (how == "refuse") {
    cluster.refusals = number(much);
  } else if (how == "poison") {
    cluster.poison = number(much);
  } else if (how == "slow") {
    cluster.slowness = parse_duration(much);
  } else {
    throw std::invalid_argument("target B refuse N, target B poison N, target B slow D");
  }
}

namespace {

/// Database and name of the n-th shard that has a follower.
std::optional<std::pair<std::string, std::string>> followed_shard(sim::ClusterModel const& model, std::uint64_t nth) {
  std::vector<std::pair<std::string, std::string>> shards;
  for (auto const& [name, database] : model.databases()) {
    for (auto const& [collection_name, collection] : database.collections) {
      for (auto const& shard : collection->shards) {
        if (shard.servers.size() > 1) shards.emplace_back(name, shard.name);
      }
    }
  }
  if (shards.empty()) return std::nullopt;
  return shards[nth % shards.size()];
}

}  // namespace

void Nemesis::fail_over(sim::SimCluster& cluster, std::uint64_t nth) {
  auto const shard = followed_shard(*cluster.model, nth);
  if (!shard || failed_over_within(cluster, shard->second, is_unseen_within)) return;
  if (cluster.model->fail_over(shard->first, shard->second)) failed_over_[{&cluster, shard->second}] = world_.now();
}

bool Nemesis::failed_over_within(sim::SimCluster const& cluster, std::string const& shard, Duration time) const {
  auto const before = failed_over_.find({&cluster, shard});
  return before != failed_over_.end() && world_.now() < before->second + time;
}

void Nemesis::drop_collection(sim::ClusterModel& model, std::uint64_t nth) {
  std::vector<std::pair<std::string, std::string>> collections;
  for (auto const& [name, database] : model.databases()) {
    for (auto const& [collection_name, collection] : database.collections) {
      if (!collection->is_system) collections.emplace_back(name, collection_name);
    }
  }
  if (collections.empty()) return;
  auto const& [database, collection] = collections[nth % collections.size()];
  model.drop_collection(database, collection, false);
}

void Nemesis::fail_over_with_loss(std::uint64_t nth) {
  sim::SimCluster& cluster = site("A").cluster();
  sim::ClusterModel& model = *cluster.model;
  auto const shard = followed_shard(model, nth);
  // These come often.
  if (!shard || failed_over_within(cluster, shard->second, is_missed_after)) return;
  failed_over_[{&cluster, shard->second}] = world_.now();
  world_.after(lost_with_its_leader, [this, &model, followed = *model.followed(shard->first, shard->second)] {
    model.fail_over_to(followed);
    history_.lost(model);
  });
}

// ---- the end of it ------------------------------------------------------------------------------------------------

void Nemesis::heal() {
  network_.heal();
  for (auto const& site : sites_) {
    sim::SimCluster& cluster = site->cluster();
    cluster.agency_silence = 0;
    cluster.agency_is_down = false;
    cluster.agency_elects_until = world_.now();
    cluster.refusals = 0;
    cluster.poison = 0;
    cluster.slowness = Duration{0};
    auto revive = [](auto* host) {
      if (host == nullptr) return;
      host->spare();
      host->process().set_wall_error(Duration{0});
      host->process().resume();
    };
    for (std::size_t i = 0; i < site->masters(); ++i) revive(site->master(i));
    for (std::size_t i = 0; i < site->workers(); ++i) revive(site->worker(i));
    site->start_all();
  }
}

}  // namespace arangosync::replay
