#include "app/cli/command_line.h"

#include "app/cli/flags.h"
#include "app/cli/suggestion.h"
#include "app/cli/usage_text.h"
#include "app/cli/version.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>

namespace arangosync::cli {

namespace {

using Problem = FlagProblem;

// ------------------------------------------------------------------------------------------------ groups of flags

constexpr char give_masters[] = "URLs of the sync masters, such as https://sync-a:8629";

void connection_flags(Flags& flags, Connection& to) {
  flags.masters("--master.endpoint", to.endpoints, "Sync masters of the datacenter to talk to (list)");
  flags.file("--master.cacert", to.ca_file,
             "CA certificate that verifies them; without it any certificate is accepted");
  flags.text("--auth.user", to.user, "ArangoDB user with rights on _system");
  flags.text("--auth.password", to.password, "The user's password [empty]");
  flags.file("--auth.keyfile", to.keyfile, "Client certificate keyfile, instead of user and password");
  flags.secret("--auth", to.jwt_secret, "File with the masters' JWT secret, instead of user and password");
  flags.flag("-v,--verbose", to.verbose, "More detail, where get status, tasks or workers have more");
  flags.log_level(to.log_level);
  flags.demand("--master.endpoint", give_masters);
  flags.check([&to]() -> Problem {
    if (!to.password.empty() && to.user.empty()) return "--auth.password is given without --auth.user";
    return std::nullopt;
  });
}

void server_flags(Flags& flags, http::Endpoint& endpoint, std::uint16_t& port, telemetry::LogOptions& log,
                  trace::Options& trace, std::string& token, std::string& pid_file) {
  flags.endpoint("--server.endpoint", endpoint, port, "URL by which members of the same datacenter reach this server");
  flags.demand_tls("--server.endpoint", [&endpoint] { return std::vector{endpoint}; });
  flags.port(port);
  flags.text("--monitoring.token", token, "Bearer token that may read metrics and version");
  flags.log_level(log.level);
  flags.file("--log.file", log.file, "File for log lines instead of standard output; reopened on SIGHUP");
  flags.flag("--log.stderr", log.to_stderr, "Log lines on standard error as well [false]");
  flags.file("--pid-file", pid_file, "File to write the process id to; removed at the end");
  flags.folder("--trace.folder", trace.folder,
               "Where to write what the machine hears, to be replayed; empty: no trace [" + trace.folder + "]");
  flags.number("--trace.files", trace.files_max, 2, 10'000,
               "How many files of it are kept [" + std::to_string(trace.files_max) + "]");
  auto file_mb = std::make_shared<std::uint32_t>(trace.file_bytes_max >> 20U);
  flags.number("--trace.file-mb", *file_mb, 1, 4'000, "Their size in MiB [" + std::to_string(*file_mb) + "]");
  flags.check([file_mb, &trace]() -> Problem {
    trace.file_bytes_max = std::size_t{*file_mb} << 20U;
    return std::nullopt;
  });
  flags.ignored_flag("--debug.profile", "Accepted for compatibility; does nothing");
  flags.demand("--server.endpoint",
               "the URL by which others reach this server, such as https://10.0.0.1:" + std::to_string(port));
}

/// The queue is built in: Kafka's flags are known, so that the refusal can say what to do.
void queue_flags(Flags& flags, RunMaster& to) {
  auto type = std::make_shared<std::string>("direct");
  auto kafka = std::make_shared<std::array<std::string, 3>>();
  flags.text("--mq.type", *type, "Message queue; only direct (built in, no brokers) [direct]");
  flags.duration("--mq.direct-token-ttl", to.direct_token_ttl, "Lifetime of queue tokens [6h]");
  flags.text("--mq.kafka-addr", (*kafka)[0], "Not supported: use --mq.type=direct");
  flags.text("--mq.kafka-client-keyfile", (*kafka)[1], "Not supported: use --mq.type=direct");
  flags.text("--mq.kafka-cacert", (*kafka)[2], "Not supported: use --mq.type=direct");
  flags.check([type, kafka]() -> Problem {
    if (*type == "kafka") return "Kafka is not supported by this version; use --mq.type=direct, which needs no brokers";
    if (*type != "direct") return std::string("--mq.type needs the value direct");
    for (auto const& value : *kafka) {
      if (!value.empty())
        return "--mq.kafka-* flags are not supported by this version; leave them out, --mq.type=direct needs none";
    }
    return std::nullopt;
  });
}

void wish_flags(Flags& flags, CertificateWish& to, Duration valid_for, std::string const& valid_text,
                std::string const& curve, bool names) {
  to.valid_for = valid_for;
  to.curve = curve;
  if (names) {
    flags.texts("--host", to.hosts, "Host name or IP address that the certificate is for (list)");
    flags.texts("--email", to.emails, "Email address that the certificate is for (list)");
  }
  flags.duration("--validfor", to.valid_for, "How long the certificate is valid [" + valid_text + "]");
  flags.text("--curve", to.curve, "P224, P256, P384 or P521; empty: RSA with 2048 bits [" + curve + "]");
}

// ------------------------------------------------------------------------------------------------------- commands

void describe(Flags& flags, RunMaster& to) {
  queue_flags(flags, to);  // first: whoever still asks for Kafka should not be told about other flags
  flags.endpoints("--cluster.endpoint", to.cluster_endpoints, 8529, "Coordinators of this datacenter's cluster (list)");
  flags.demand("--cluster.endpoint", "URLs of the cluster's coordinators, such as https://10.0.0.1:8529");
  flags.secret("--cluster", to.cluster_secret,
               "File or folder with the cluster's JWT secret, read again while running; none: the cluster has no "
               "authentication, and any user name opens this master, too");
  flags.number("--cluster.min-replication-factor", to.min_replication_factor, 1, 2'147'483'647,
               "Least replicationFactor of what is replicated to here [1]");
  flags.number("--cluster.max-replication-factor", to.max_replication_factor, 1, 2'147'483'647,
               "Largest replicationFactor of what is replicated to here [no limit]");
  flags.flag("--cluster.exclude-root-user", to.exclude_root_user,
             "This cluster keeps its own user root when it is a target");
  flags.check([&to]() -> Problem {
    if (to.min_replication_factor <= to.max_replication_factor) return std::nullopt;
    return "--cluster.min-replication-factor is larger than --cluster.max-replication-factor";
  });
  flags.file("--server.keyfile", to.keyfile, "TLS keyfile of this master (arangosync create tls keyfile)");
  flags.demand("--server.keyfile", "this master's TLS keyfile; make one with arangosync create tls keyfile");
  flags.file("--server.client-cafile", to.client_ca_file, "CA certificate that signs client certificates");
  flags.demand("--server.client-cafile", "the client CA certificate; make one with arangosync create client-auth ca");
  flags.masters("--master.endpoint", to.master_endpoints,
                "URLs by which the other datacenter reaches this one's masters (list) [--server.endpoint]");
  flags.secret("--master", to.master_secret,
               "File with the secret shared by masters and workers of this datacenter (required)");
  flags.ignored_flag("--metrics.enabled", "Accepted for compatibility; metrics are always on");
  server_flags(flags, to.server_endpoint, to.port, to.log, to.trace, to.monitoring_token, to.pid_file);
  flags.check([&to]() -> Problem {
    if (!to.master_secret.is_set()) return "Missing --master.jwt-secret: make a file with arangosync create jwt-secret";
    if (to.master_endpoints.empty()) to.master_endpoints = {to.server_endpoint};
    return std::nullopt;
  });
}

void describe(Flags& flags, RunWorker& to) {
  flags.masters("--master.endpoint", to.master_endpoints, "Sync masters of the same datacenter (list)");
  flags.demand("--master.endpoint", give_masters);
  flags.secret("--master", to.master_secret,
               "File with the secret shared by masters and workers of this datacenter (required)");
  flags.number("--worker.max-initial-sync-tasks", to.initial_copies_max, 1, 10'000,
               "At a source: how many shards are copied at a time for each target; checks may be a quarter more [" +
                   std::to_string(to.initial_copies_max) + "]");
  auto route = std::make_shared<std::string>("auto");
  flags.text(
      "--cluster.read-route", *route,
      "At a source, how its DB-Servers are read: direct; coordinator (no call goes to a DB-Server); auto: direct "
      "where they can be reached, else coordinator [auto]");
  flags.check([route, &to]() -> Problem {
    auto const rule = cluster::route_rule(*route);
    if (!rule) return std::string("--cluster.read-route needs auto, direct or coordinator");
    to.read_route = *rule;
    return std::nullopt;
  });
  server_flags(flags, to.server_endpoint, to.port, to.log, to.trace, to.monitoring_token, to.pid_file);
  flags.check([&to]() -> Problem {
    if (!to.master_secret.is_set()) return "Missing --master.jwt-secret: the file that the masters were given";
    return std::nullopt;
  });
}

void describe(Flags& flags, ConfigureSync& to) {
  connection_flags(flags, to.connection);
  flags.file("--master.keyfile", to.master_keyfile,
             "Client certificate that the target's masters show to the source's");
  flags.demand("--master.keyfile",
               "a client certificate keyfile signed by the source's client CA "
               "(arangosync create client-auth keyfile)");
  flags.masters("--source.endpoint", to.source_endpoints, "Sync masters of the source (list)");
  flags.demand("--source.endpoint", "URLs of the source's sync masters, such as https://sync-a:8629");
  flags.file("--source.cacert", to.source_ca_file, "CA certificate that verifies the source's masters");
  flags.demand("--source.cacert", "the CA certificate of the source's masters (tls-ca.crt)");
}

void describe(Flags& flags, Get& to) {
  connection_flags(flags, to.connection);
  auto output = std::make_shared<std::string>("text");
  flags.text("--output", *output, "text, or json: the master's answer as it came [text]");
  flags.check([output, &to]() -> Problem {
    if (*output != "text" && *output != "json") return std::string("--output needs one of text, json");
    to.json = *output == "json";
    return std::nullopt;
  });
}

void describe(Flags& flags, StopSync& to) {
  connection_flags(flags, to.connection);
  if (!to.force) flags.flag("--ensure-in-sync", to.ensure_in_sync, "First bring all shards in sync; see below [true]");
  flags.duration("--timeout", to.timeout, "Limit for the whole command; a call that hangs may take 30s more [2m]");
}

void describe(Flags& flags, AbortOutgoing& to) {
  connection_flags(flags, to.connection);
  flags.text("--target", to.target, "Cluster id of the target, as get status shows it [the only one]");
}

void describe(Flags& flags, ResetShard& to) {
  connection_flags(flags, to.connection);
  flags.text("--database", to.database, "Database of the shard");
  flags.text("--collection", to.collection, "Collection of the shard, by its name on the source");
  flags.number("--shard", to.shard, 0, 1'000'000, "Number of the shard within its collection [0]");
  flags.demand("--database", "the database of the shard");
  flags.demand("--collection", "the collection of the shard");
}

void describe(Flags& flags, CreateCa& to, bool for_client) {
  std::string const stem = for_client ? "client-auth-ca" : "tls-ca";
  flags.file_or_default("--cert", to.certificate_file, stem + ".crt", "Certificate to write");
  flags.file_or_default("--key", to.key_file, stem + ".key", "Private key to write");
  wish_flags(flags, to.wish, year * 15, "131400h: 15 years", for_client ? "P521" : "P256", false);
}

void describe(Flags& flags, CreateKeyfile& to, bool for_client) {
  to.for_client = for_client;
  std::string const stem = for_client ? "client-auth" : "tls";
  flags.file_or_default("--cacert", to.ca_certificate_file, stem + "-ca.crt", "CA certificate to sign with");
  flags.file_or_default("--cakey", to.ca_key_file, stem + "-ca.key", "CA private key to sign with");
  flags.file_or_default("--keyfile", to.keyfile, stem + ".keyfile", "Keyfile to write");
  wish_flags(flags, to.wish, year * (for_client ? 1 : 2), for_client ? "8760h: 1 year" : "17520h: 2 years",
             for_client ? "P521" : "P256", true);
}

void describe(Flags& flags, CreateCertificate& to) {
  flags.file_or_default("--cacert", to.ca_certificate_file, "tls-ca.crt", "CA certificate to sign with");
  flags.file_or_default("--cakey", to.ca_key_file, "tls-ca.key", "CA private key to sign with");
  flags.file_or_default("--cert", to.certificate_file, "tls.crt", "Certificate to write");
  flags.file_or_default("--key", to.key_file, "tls.key", "Private key to write");
  wish_flags(flags, to.wish, year * 2, "17520h: 2 years", "P256", true);
}

void describe(Flags& flags, CreateJwtSecret& to) {
  flags.file_or_default("--secret", to.secret_file, "secret.jwt", "File to write");
  flags.number("--length", to.length, 1, 65536, "Random bytes; written as twice as many digits [32]");
}

void describe(Flags& flags, SandboxCluster& to) {
  flags.text("--server.address", to.address, "Address to listen on [127.0.0.1]");
  flags.number("--server.port", to.port, 0, 65535,
               "Port of the first coordinator; the other servers take the next ones; 0: any free ones [8529]");
  flags.number("--coordinators", to.coordinators, 1, 16, "Number of coordinators [1]");
  flags.number("--dbservers", to.db_servers, 1, 64, "Number of DB-Servers [3]");
  flags.flag("--single-server", to.is_single_server, "Answer as one single server instead of a cluster");
  flags.secret("--server", to.secret, "File with the cluster's JWT secret; none: no authentication");
  flags.text("--root-password", to.root_password, "Password of the user root [empty]");
  flags.file("--server.keyfile", to.keyfile, "TLS keyfile; none: plain HTTP");
  flags.text("--version-to-imitate", to.version, "ArangoDB version to answer as [" + to.version + "]");
  flags.flag("--extended-names", to.extended_names, "Allow extended names (3.9 to 3.11; later ones always do)");
  flags.flag("--fault-controls", to.fault_controls, "Let tests ask for troubles under /_sandbox/");
  flags.flag("--hide-dbservers", to.hides_db_servers,
             "Tell addresses of the DB-Servers that lead nowhere, as if behind a firewall");
  flags.number("--seed", to.seed, 0, 4'000'000'000, "Makes the ids of this cluster differ from another one's [1]");
  flags.file("--pid-file", to.pid_file, "File to write the process id to; removed at the end");
}

void describe(Flags& flags, SandboxLoad& to) {
  flags.words("folder", to.folders, "Folder that arangodump wrote, or several");
  flags.demand("folder", "a folder that arangodump wrote");
  flags.endpoints("--cluster.endpoint", to.coordinators, 8529, "Coordinator of the cluster to fill");
  flags.demand("--cluster.endpoint", "URL of a Coordinator, such as http://127.0.0.1:8529");
  flags.file("--cluster.cacert", to.ca_file, "CA certificate that verifies it; without it any certificate is accepted");
  flags.text("--auth.user", to.user, "ArangoDB user with rights on everything; none: no authentication");
  flags.text("--auth.password", to.password, "The user's password [empty]");
  flags.text("--database", to.database, "Database to fill [the one that the dump names, else _system]");
  flags.number("--shards", to.shards, 0, 1000, "Shards of every collection; 0: as dumped, or 3 [0]");
}

void describe(Flags& flags, Replay& to) {
  flags.words("trace", to.files, "Trace files of one process");
  flags.demand("trace", "the files of one process, such as arangosync-trace/worker-8729-*.trace");
  flags.number("--until", to.until, 1, 4'000'000'000, "Stop after the command of this number");
  flags.flag("--events", to.print_events, "Print every command with the events and effects it leads to");
  flags.flag("--state", to.print_state, "Print the state at the end");
  flags.flag("--mermaid", to.print_mermaid, "Draw the last messages as a Mermaid sequence diagram");
}

// -------------------------------------------------------------------------------------------------- the whole line

/// All commands, and which of them was chosen.
class Grammar {
public:
  Grammar();
  Expected<Command, UsageError> read(std::vector<std::string> arguments);

private:
  struct Leaf {
    CLI::App* app;
    std::shared_ptr<Flags> flags;
    std::function<Command()> value;
  };

  CLI::App& group(CLI::App& parent, std::string const& name, std::string const& about) {
    auto& app = *parent.add_subcommand(name, about);
    app.allow_extras()->require_subcommand(0, 1);
    return app;
  }

  template <class C, class Describe>
  CLI::App& leaf(CLI::App& parent, std::string const& name, std::string const& about, C initial,
                 Describe describe_flags) {
    auto& app = *parent.add_subcommand(name, about);
    app.allow_extras()->footer(std::string(usage_text::values) + "\n" + usage_text::exit_codes_of_clients);
    auto value = std::make_shared<C>(std::move(initial));
    auto flags = std::make_shared<Flags>(app);
    describe_flags(*flags, *value);
    leaves_.push_back({&app, flags, [value] { return Command(*value); }});
    return app;
  }

  template <class C>
  CLI::App& leaf(CLI::App& parent, std::string const& name, std::string const& about, C initial = {}) {
    return leaf(parent, name, about, std::move(initial), [](Flags& flags, C& to) { describe(flags, to); });
  }

  void add_servers();
  void add_client_commands();
  void add_create();
  std::vector<std::string> with_long_names(std::vector<std::string> words) const;
  UsageError unknown_word(CLI::App const& at, std::vector<std::string> const& extras) const;
  UsageError unfinished(CLI::App const& at) const;
  std::vector<std::string> unknown_commands() const;

  CLI::App app_{usage_text::program, "arangosync"};
  std::vector<Leaf> leaves_;
};

/// A command that asks no master.
CLI::App& local(CLI::App& app, char const* exit_codes = usage_text::exit_codes_of_tools) {
  app.footer(std::string(usage_text::values) + "\n" + exit_codes);
  return app;
}

Grammar::Grammar() {
  app_.allow_extras()->require_subcommand(0, 1);
  app_.set_version_flag("--version", version_line());
  app_.footer(std::string("arangosync COMMAND --help explains a command and its flags.\n") + usage_text::values + "\n" +
              usage_text::exit_codes);
  add_servers();
  add_client_commands();
  add_create();
  local(leaf(app_, "version", "Show the program's version", Show{version_line() + "\n"}, [](Flags&, Show&) {}));
}

void append_footer(CLI::App& app, char const* text) { app.footer(std::string(text) + "\n" + app.get_footer()); }

void Grammar::add_servers() {
  auto& run = group(app_, "run", "Run a server");
  append_footer(local(leaf<RunMaster>(run, "master", "Run a sync master"), usage_text::exit_codes_of_servers),
                usage_text::log_output);
  append_footer(local(leaf<RunWorker>(run, "worker", "Run a sync worker"), usage_text::exit_codes_of_servers),
                usage_text::log_output);
  auto& sandbox = group(app_, "sandbox", "Run an imitation of ArangoDB for trying out");
  local(leaf<SandboxCluster>(sandbox, "cluster",
                             "Run an in-memory cluster that answers like ArangoDB; its data dies with it"));
  local(
      leaf<SandboxLoad>(sandbox, "load", "Fill a cluster with the collections and documents of an arangodump folder"));
  append_footer(local(leaf<Replay>(app_, "replay",
                                   "Check the trace of a master or worker: decide everything again, and compare")),
                usage_text::replay);
}

void Grammar::add_client_commands() {
  auto& configure = group(app_, "configure", "Start a synchronization");
  append_footer(leaf<ConfigureSync>(configure, "sync", "Replicate a source to this datacenter from now on"),
                usage_text::configure);

  auto& get = group(app_, "get", "Show what is going on");
  leaf(get, "status", "Show the state of synchronizations; with -v of every shard", Get{Subject::Status, {}, false});
  leaf(get, "tasks", "Show the tasks and which worker has them", Get{Subject::Tasks, {}, false});
  leaf(get, "masters", "Show the sync masters and which one leads", Get{Subject::Masters, {}, false});
  leaf(get, "workers", "Show the sync workers", Get{Subject::Workers, {}, false});
  leaf(get, "events", "Show what the masters decided lately", Get{Subject::Events, {}, false});
  leaf(get, "version", "Show the version of the sync master", Get{Subject::Version, {}, false});

  auto& stop = group(app_, "stop", "Stop a synchronization");
  append_footer(leaf<StopSync>(stop, "sync", "Stop replicating to this datacenter, and wait until it has stopped"),
                usage_text::stop);
  auto& abort = group(app_, "abort", "Stop a synchronization whose other side does not answer");
  append_footer(leaf(abort, "sync", "Stop replicating to this datacenter, whether the source can be told or not",
                     StopSync{{}, false, true}),
                usage_text::abort);
  leaf<AbortOutgoing>(group(abort, "outgoing", "Commands for a source"), "sync",
                      "Forget a target whose own stop did not reach this source; run it on the source");
  leaf<ResetShard>(group(group(app_, "reset", "Begin a shard anew"), "failed", "Begin a shard anew"), "shard",
                   "Begin a shard anew, with new tasks on both sides; run it on the target");

  auto& message = group(group(app_, "set", "Change a setting"), "message", "Change the message timeout");
  leaf(message, "timeout",
       "Set how long the other datacenter may be silent before shards are compared [1h]; run it on both",
       SetMessageTimeout{}, [](Flags& flags, SetMessageTimeout& to) {
         connection_flags(flags, to.connection);
         flags.duration("duration", to.timeout, "Such as 15m or 3h");
         flags.demand("duration", "the new message timeout, such as 15m or 3h, after the flags");
       });
}

void Grammar::add_create() {
  auto& create = group(app_, "create", "Make certificates and secrets");
  auto& tls = group(create, "tls", "Certificates of servers");
  local(leaf(tls, "ca", "Make a CA for TLS certificates", CreateCa{},
             [](Flags& f, CreateCa& to) { describe(f, to, false); }));
  local(leaf(tls, "keyfile", "Make a TLS certificate with its key in one file", CreateKeyfile{},
             [](Flags& f, CreateKeyfile& to) { describe(f, to, false); }));
  local(leaf<CreateCertificate>(tls, "certificate", "Make a TLS certificate and its key in two files"));
  auto& client = group(create, "client-auth", "Certificates of clients");
  local(leaf(client, "ca", "Make a CA for client certificates", CreateCa{},
             [](Flags& f, CreateCa& to) { describe(f, to, true); }));
  local(leaf(client, "keyfile", "Make a client certificate with its key in one file", CreateKeyfile{},
             [](Flags& f, CreateKeyfile& to) { describe(f, to, true); }));
  append_footer(local(leaf<CreateJwtSecret>(create, "jwt-secret", "Make a secret for JSON web tokens")),
                usage_text::jwt_secret);
}

std::string full_name(CLI::App const& app) {
  if (app.get_parent() == nullptr) return app.get_name();
  return full_name(*app.get_parent()) + " " + app.get_name();
}

std::vector<std::string> subcommand_names(CLI::App const& app) {
  std::vector<std::string> names;
  for (auto const* child : app.get_subcommands([](CLI::App const*) { return true; }))
    names.push_back(child->get_name());
  return names;
}

UsageError Grammar::unfinished(CLI::App const& at) const {
  std::string choices;
  for (auto const& name : subcommand_names(at)) choices += (choices.empty() ? "" : ", ") + name;
  return {"Missing a word after \"" + full_name(at) + "\": one of " + choices,
          at.get_parent() == nullptr ? at.help() : at.help(full_name(*at.get_parent()))};
}

/// What follows an unknown flag may be its value, and that a secret: only the flag's name and a command's words are
/// shown.
UsageError Grammar::unknown_word(CLI::App const& at, std::vector<std::string> const& extras) const {
  std::string const see = "; see " + full_name(at) + " --help";
  for (auto const& word : extras) {
    if (word.size() < 2 || word.front() != '-') continue;
    auto const name = word.substr(0, word.find('='));
    std::vector<std::string> known;
    for (auto const* option : at.get_options()) known.push_back(option->get_name());
    auto const meant = nearest(name, known);
    return {"Unknown flag " + name + (meant.empty() ? "" : ", did you mean " + meant + "?") + see, {}};
  }
  auto const names = subcommand_names(at);
  if (names.empty()) {
    return {"Unexpected argument after \"" + full_name(at) +
                "\" (not shown, it may be a secret); values follow their flag "
                "as --flag=value" +
                see,
            {}};
  }
  auto const meant = nearest(extras.front(), names);
  return {"Unknown command \"" + full_name(at) + " " + extras.front() + "\"" +
              (meant.empty() ? "" : ", did you mean " + meant + "?") + see,
          {}};
}

/// CLI11 reads "-v=true" as the flags v, = and more. The long name takes a value, so that is put in its place; a short
/// flag means the same in every command that has it.
std::vector<std::string> Grammar::with_long_names(std::vector<std::string> words) const {
  for (auto& word : words) {
    if (word.size() < 3 || word[0] != '-' || word[1] == '-' || word[2] != '=') continue;
    std::string const name = word.substr(0, 2);
    for (auto const& leaf : leaves_) {
      auto const* option = leaf.app->get_option_no_throw(name);
      if (option == nullptr || option->get_lnames().empty()) continue;
      word = "--" + option->get_lnames().front() + word.substr(2);
      break;
    }
  }
  return words;
}

/// The library's sentence up to the value it may quote.
std::string library_problem(CLI::ParseError const& error) {
  std::string what = error.what();
  constexpr std::string_view refusal = "Could not convert: ";  // then the flag's name, " = " and the value
  if (what.compare(0, refusal.size(), refusal) == 0) what.erase(0, refusal.size());
  auto const name = what.substr(0, what.find_first_of(": "));
  if (dynamic_cast<CLI::ExcludesError const*>(&error) != nullptr) return what;  // names two flags and no value
  if (dynamic_cast<CLI::ArgumentMismatch const*>(&error) != nullptr) return name + " needs a value: " + name + "=VALUE";
  if (name.compare(0, 1, "-") == 0) return name + " has a value that is not understood; booleans are true or false";
  return "A value is not understood; booleans are true or false";
}

/// Words that name no command, of a line that asks for help: the help of another one would answer what was not asked.
std::vector<std::string> Grammar::unknown_commands() const {
  auto words = app_.remaining(true);
  std::erase_if(words, [](std::string const& word) { return word.empty() || word.front() == '-'; });
  return words;
}

Expected<Command, UsageError> Grammar::read(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments.front() == "help") {  // as many programs have it
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  arguments = with_empty_values_apart(with_long_names(std::move(arguments)));
  std::reverse(arguments.begin(), arguments.end());  // as the library wants them
  CLI::App const* at = &app_;
  auto const descend = [&] {
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  };
  try {
    app_.parse(std::move(arguments));
    descend();
  } catch (CLI::CallForHelp const&) {
    descend();
    if (auto const wrong = unknown_commands(); !wrong.empty()) return unexpected(unknown_word(*at, wrong));
    return Command(Show{app_.help()});
  } catch (CLI::CallForVersion const&) {
    return Command(Show{version_line() + "\n"});
  } catch (CLI::ParseError const& error) {
    descend();
    return unexpected(UsageError{library_problem(error) + "; see " + full_name(*at) + " --help", {}});
  }
  if (auto const extras = app_.remaining(true); !extras.empty()) return unexpected(unknown_word(*at, extras));
  for (auto const& leaf : leaves_) {
    if (leaf.app != at) continue;
    if (auto problem = leaf.flags->first_problem()) {
      return unexpected(UsageError{*problem + "; see " + full_name(*at) + " --help", {}});
    }
    return leaf.value();
  }
  return unexpected(unfinished(*at));
}

}  // namespace

Expected<Command, UsageError> parse(std::vector<std::string> arguments) { return Grammar().read(std::move(arguments)); }

}  // namespace arangosync::cli
