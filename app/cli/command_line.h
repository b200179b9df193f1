// The command line as values: which command, with which flags (spec arangosync-cli 1, 3 to 5).
//
// parse() looks only at the words: it reads no file and opens no connection, so that it can be tested (and fuzzed) as a
// function. The commands are carried out by program.h. Values that hold a secret are never part of an error text.
#pragma once

#include "adapters/cluster/route_rule.h"
#include "adapters/http/http.h"
#include "adapters/telemetry/options.h"
#include "app/cli/duration.h"
#include "app/trace/options.h"
#include "domain/base/instant.h"
#include "domain/base/limits.h"
#include "domain/base/result.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::cli {

/// A shared secret, by one of two spellings: `--x.jwt-secret` names a file; `--x.jwtSecret` names a file if a readable
/// one of that name exists and is the secret itself otherwise (as in the 2017 original). At most one is set.
struct SecretSource {
  std::string file;
  std::string file_or_literal;
  bool is_set() const { return !file.empty() || !file_or_literal.empty(); }
};

struct RunMaster {
  std::vector<http::Endpoint> cluster_endpoints;
  SecretSource cluster_secret;
  std::uint32_t min_replication_factor = 1;
  std::uint32_t max_replication_factor = 2'147'483'647;
  bool exclude_root_user = false;
  std::string keyfile;
  std::string client_ca_file;
  http::Endpoint server_endpoint;
  std::uint16_t port = 8629;
  std::vector<http::Endpoint> master_endpoints;
  SecretSource master_secret;
  Duration direct_token_ttl = limits::token_lifetime;
  std::string monitoring_token;
  telemetry::LogOptions log;
  trace::Options trace;
  std::string pid_file;
};

struct RunWorker {
  std::vector<http::Endpoint> master_endpoints;
  SecretSource master_secret;
  http::Endpoint server_endpoint;
  std::uint16_t port = 8729;
  std::uint32_t initial_copies_max = limits::initial_copies_max;
  cluster::RouteRule read_route = cluster::RouteRule::Auto;
  std::string monitoring_token;
  telemetry::LogOptions log;
  trace::Options trace;
  std::string pid_file;
};

/// What every client command knows about the masters it talks to (spec 4.1).
struct Connection {
  std::vector<http::Endpoint> endpoints;
  std::string ca_file;      ///< empty: any certificate is accepted, with a warning
  std::string user;         ///< with password: Basic
  std::string password;     ///< secret; may be empty
  std::string keyfile;      ///< client certificate instead of user and password
  SecretSource jwt_secret;  ///< master's secret instead of both
  bool verbose = false;
  ports::LogLevel log_level = ports::LogLevel::Info;
};

struct ConfigureSync {
  Connection connection;
  std::string master_keyfile;  ///< client certificate that the target's masters will show to the source's
  std::vector<http::Endpoint> source_endpoints;
  std::string source_ca_file;
};

enum class Subject { Status, Tasks, Masters, Workers, Events, Version };
struct Get {
  Subject subject = Subject::Status;
  Connection connection;
  bool json = false;  ///< --output=json: the master's answer as it came
};

struct StopSync {
  Connection connection;
  bool ensure_in_sync = true;
  bool force = false;  ///< `abort sync`: also if the source cannot be told; does not wait for anything to be in sync
  Duration timeout = std::chrono::minutes(2);
};

struct AbortOutgoing {
  Connection connection;
  std::string target;  ///< cluster id; empty: the only one
};

struct ResetShard {
  Connection connection;
  std::string database;
  std::string collection;
  std::uint32_t shard = 0;
};

struct SetMessageTimeout {
  Connection connection;
  Duration timeout{0};
};

/// What a new certificate says (spec metrics-and-ops 5.2).
struct CertificateWish {
  std::vector<std::string> hosts;
  std::vector<std::string> emails;
  Duration valid_for{0};
  std::string curve;  ///< P224, P256, P384, P521; empty: RSA 2048
};

struct CreateCa {
  std::string certificate_file;
  std::string key_file;
  CertificateWish wish;
};

struct CreateKeyfile {
  bool for_client = false;
  std::string ca_certificate_file;
  std::string ca_key_file;
  std::string keyfile;
  CertificateWish wish;
};

struct CreateCertificate {
  std::string ca_certificate_file;
  std::string ca_key_file;
  std::string certificate_file;
  std::string key_file;
  CertificateWish wish;
};

struct CreateJwtSecret {
  std::string secret_file;
  std::uint32_t length = 32;  ///< bytes; twice as many hex digits are written
};

/// An in-memory cluster for trying out and for tests (app/sandbox).
struct SandboxCluster {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8529;  ///< of the first coordinator; the other servers follow; 0: any free ones
  std::uint32_t coordinators = 1;
  std::uint32_t db_servers = 3;
  bool is_single_server = false;
  SecretSource secret;             ///< not set: without authentication
  std::string root_password;       ///< secret
  std::string keyfile;             ///< empty: plain HTTP
  std::string version = "3.9.12";  ///< the ArangoDB version it imitates
  bool extended_names = false;     ///< names of nearly any characters, from 3.9 on
  bool fault_controls = false;     ///< troubles may be asked for under /_sandbox/
  bool hides_db_servers = false;   ///< as a firewall would
  std::uint32_t seed = 1;          ///< two clusters with different seeds have different ids
  std::string pid_file;
};

/// Fills a cluster from an arangodump folder.
struct SandboxLoad {
  std::vector<std::string> folders;
  std::vector<http::Endpoint> coordinators;  ///< the first is used
  std::string ca_file;                       ///< empty: any certificate is accepted
  std::string user;
  std::string password;  ///< secret; may be empty
  std::string database;  ///< empty: the one that the dump names
  std::uint32_t shards = 0;
};

/// Runs the trace of a daemon through the machine it came from (app/replay).
struct Replay {
  std::vector<std::string> files;
  std::uint32_t until = 0;  ///< number of the last command; 0: all
  bool print_events = false;
  bool print_state = false;
  bool print_mermaid = false;
};

/// --help, --version and `version`: the text goes to standard output.
struct Show {
  std::string text;
};

using Command = std::variant<RunMaster, RunWorker, ConfigureSync, Get, StopSync, AbortOutgoing, ResetShard,
                             SetMessageTimeout, CreateCa, CreateKeyfile, CreateCertificate, CreateJwtSecret,
                             SandboxCluster, SandboxLoad, Replay, Show>;

/// One line that names the word at fault and the remedy; `usage` follows it if the command was incomplete.
struct UsageError {
  std::string message;
  std::string usage;
};

/// `arguments` without the program's name.
Expected<Command, UsageError> parse(std::vector<std::string> arguments);

}  // namespace arangosync::cli
