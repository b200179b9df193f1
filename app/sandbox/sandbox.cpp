#include "app/sandbox/sandbox.h"

#include "adapters/sim/cluster_render.h"
#include "adapters/x509/keyfile.h"
#include "adapters/x509/random.h"
#include "app/sandbox/api.h"
#include "app/sandbox/gate.h"
#include "app/sandbox/shared.h"
#include "domain/base/blob.h"
#include "domain/base/check.h"

#include <chrono>
#include <cstdio>

namespace arangosync::sandbox {
namespace {

constexpr unsigned io_threads = 2;
constexpr std::size_t log_bytes_max = 64u << 20;  // as big as a log file of RocksDB: less is never thrown away
constexpr char agent_id[] = "AGNT-0001";
constexpr char nowhere[] = "127.0.0.1:1";  // a port that nobody listens on

Options settled(Options options) {
  if (options.is_single_server) options.coordinators = options.db_servers = 1;
  return options;
}

/// What the version decides.
sim::ClusterModel::Options version_options(Dialect const& dialect) {
  sim::ClusterModel::Options out;
  out.naming = dialect.naming();
  out.later_properties = dialect.later_properties();
  // The logs of clusters show a truncate as one marker from 3.10 on only (spec arangodb-read 6.5.2).
  if (!dialect.at_least(3, 10)) out.truncate_marker_from = ~std::uint64_t{0};
  out.revision_trees = dialect.at_least(3, 8);
  out.reads_on_without_snapshot = dialect.at_least(3, 10);
  return out;
}

sim::ClusterModel::Options model_options(Options const& options, Dialect const& dialect,
                                         std::function<WallTime()> now) {
  sim::ClusterModel::Options out = version_options(dialect);
  out.is_single_server = options.is_single_server;
  out.system_collections = dialect.system_collections();
  out.db_servers = options.db_servers;
  out.coordinators = options.coordinators;
  out.now = std::move(now);
  out.seed = options.seed;
  if (options.revisions_per_answer > 0) out.revisions_per_answer = options.revisions_per_answer;
  char id[48];
  std::snprintf(id, sizeof id, "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(options.seed));
  out.cluster_id = id;
  return out;
}

Instant monotonic_now() { return Instant(std::chrono::steady_clock::now().time_since_epoch()); }

}  // namespace

Shared::Shared(Options options_in)
    : options(settled(std::move(options_in))),
      dialect(options),
      model(model_options(options, dialect, [this] { return now(); })),
      agency({!dialect.at_least(3, 12), monotonic_now}) {
  if (!options.jwt_secret.empty()) secrets.push_back(options.jwt_secret);
}

WallTime Shared::now() const {
  return WallTime(std::chrono::system_clock::now().time_since_epoch() + clock_offset.load());
}

void Shared::upgrade(std::string version) {
  options.version = std::move(version);
  dialect = Dialect(options);
  model.upgrade(version_options(dialect));
  publish_anew();
}

void Shared::reload_users() {
  users.clear();
  for (auto const& shard : model.find_collection("_system", "_users")->shards) {
    for (auto const& [key, document] : *shard.documents) {
      users[json::text_of(json::find(document->text, "user"))] = document;
    }
  }
  model.note_changed_users();
}

void Shared::publish() {
  if (published_plan != model.plan_version()) publish_anew();
}

void Shared::publish_anew() {
  published_plan = model.plan_version();
  agency.put("/arango", sim::agency_json(model, options.version, sim::utc_text(now())));
}

struct Sandbox::Impl {
  explicit Impl(Options options) : shared(std::move(options)) { create_root(shared); }

  Shared shared;
  std::vector<std::string> coordinators;
  std::vector<std::string> db_servers;
  std::string agent;
  std::unique_ptr<http::Io> io;
  std::vector<std::unique_ptr<http::Server>> servers;  // closed before the event loop ends

  std::string id_of(Role role, std::size_t index) const {
    if (role == Role::Agent) return agent_id;
    return role == Role::Coordinator ? shared.model.coordinators().at(index).id
                                     : shared.model.db_servers().at(index).id;
  }

  http::Response answer(Role role, std::size_t index, http::Request const& request) {
    http::Response response = answered(role, index, request);
    std::lock_guard guard(shared.lock);  // the version may be changed meanwhile
    shared.dialect.translate(response);
    response.headers.push_back({"x-arangosync-sandbox", "true"});
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
    if (shared.dialect.at_least(3, 9)) response.headers.push_back({"x-arango-queue-time-seconds", "0.000000"});
    return response;
  }

  http::Response answer_by_fate(Fate const& fate, Role role, std::size_t index, http::Request const& request) {
    switch (fate.kind) {
      case Fate::Kind::Perform:
        return answer(role, index, request);
      case Fate::Kind::Fail:
        return fate.number == 0 ? empty_answer(fate.status) : failure(fate.status, fate.number, "as it was asked for");
      case Fate::Kind::DropAfter:
        answer(role, index, request);
        break;
      case Fate::Kind::DropBefore:
        break;
    }
    return empty_answer(http::no_answer);
  }

  http::Response answered(Role role, std::size_t index, http::Request const& request) {
    auto target = http::parse_target(request.target);
    if (!target) return failure(400, 400, "bad request path");
    Call call{request, role, id_of(role, index), "_system", {}, std::move(*target), {}};
    auto const& segments = call.target.segments;
    bool names_database = segments.size() >= 2 && segments[0] == "_db";
    if (names_database) call.database = segments[1];
    call.path.assign(segments.begin() + (names_database ? 2 : 0), segments.end());
    std::lock_guard guard(shared.lock);
    if (auto refused = refuse(shared, call)) return std::move(*refused);
    http::Response response = dispatch(shared, call);
    for (auto const& server : shared.model.db_servers()) {
      if (shared.model.log_bytes(server.id) > log_bytes_max) shared.model.trim(server.id);
    }
    return response;
  }

  /// Starts one server and says where it listens.
  Expected<std::string, std::string> listen(Role role, std::size_t index, std::uint16_t port,
                                            std::optional<http::ServerTls> const& tls) {
    http::Server::Options options;
    options.address = shared.options.host;
    options.port = port;
    options.tls = tls;
    auto handler = [this, role, index](http::Request request, http::Peer const&, http::Responder respond) {
      auto fate = shared.faults.fate_of(role, request.target);
      auto work = [this, role, index, fate, request = std::move(request), respond = std::move(respond)] {
        respond(answer_by_fate(fate, role, index, request));
      };
      if (fate.delay > Duration{0})
        io->post_after(fate.delay, std::move(work));
      else
        work();
    };
    auto server = http::Server::start(*io, std::move(options), std::move(handler));
    if (!server) return unexpected(server.error());
    std::string address =
        shared.options.host.find(':') == std::string::npos ? shared.options.host : "[" + shared.options.host + "]";
    address += ":" + std::to_string((*server)->port());
    servers.push_back(std::move(*server));
    return address;
  }

  Expected<Done, std::string> start() {
    std::optional<http::ServerTls> tls;
    if (!shared.options.keyfile_pem.empty()) {
      auto identity = x509::parse_keyfile(shared.options.keyfile_pem);
      if (!identity) return unexpected(identity.error());
      tls = http::ServerTls{identity->certificate_pem, identity->key_pem, ""};
    }
    io = std::make_unique<http::Io>(io_threads);
    std::string url = tls ? "https://" : "http://";
    std::string endpoint = tls ? "ssl://" : "tcp://";
    std::uint16_t next = shared.options.base_port;
    auto take_port = [&] { return next == 0 ? std::uint16_t{0} : next++; };
    // The lock keeps early callers out until every server's endpoint is known.
    std::lock_guard guard(shared.lock);
    for (auto role : {Role::Coordinator, Role::DbServer}) {
      if (shared.options.is_single_server && role == Role::DbServer) break;
      auto const& members = role == Role::Coordinator ? shared.model.coordinators() : shared.model.db_servers();
      auto& urls = role == Role::Coordinator ? coordinators : db_servers;
      for (std::size_t i = 0; i < members.size(); ++i) {
        auto address = listen(role, i, take_port(), tls);
        if (!address) return unexpected(address.error());
        bool is_hidden = role == Role::DbServer && shared.options.hides_db_servers;
        shared.model.set_endpoint(members[i].id, endpoint + (is_hidden ? nowhere : *address));
        urls.push_back(url + *address);
      }
    }
    if (shared.options.is_single_server) return Done{};
    auto address = listen(Role::Agent, 0, take_port(), tls);
    if (!address) return unexpected(address.error());
    shared.agent_endpoint = endpoint + *address;
    agent = url + *address;
    return Done{};
  }
};

Sandbox::Sandbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Sandbox::~Sandbox() { impl_->servers.clear(); }

Expected<std::unique_ptr<Sandbox>, std::string> Sandbox::start(Options options) {
  bool is_empty = options.coordinators == 0 || options.db_servers == 0;
  if (is_empty && !options.is_single_server) {
    return unexpected(std::string("a cluster needs at least one Coordinator and one DB-Server"));
  }
  if (options.seed == 0) options.seed = fnv1a_64(x509::random_bytes(16)) >> 16;
  auto impl = std::make_unique<Impl>(std::move(options));
  auto started = impl->start();
  if (!started) {
    impl->servers.clear();
    return unexpected(started.error());
  }
  return std::unique_ptr<Sandbox>(new Sandbox(std::move(impl)));
}

std::vector<std::string> const& Sandbox::coordinators() const { return impl_->coordinators; }
std::vector<std::string> const& Sandbox::db_servers() const { return impl_->db_servers; }
std::string const& Sandbox::agent() const { return impl_->agent; }

void Sandbox::with_model(std::function<void(sim::ClusterModel&)> const& work) {
  std::lock_guard guard(impl_->shared.lock);
  work(impl_->shared.model);
}

http::Response Sandbox::answer(Role role, std::size_t index, http::Request const& request) {
  return impl_->answer(role, index, request);
}

}  // namespace arangosync::sandbox
