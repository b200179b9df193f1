// The agency of a simulated cluster: a tree of JSON values behind conditional transactions (spec arangodb-read 2).
//
// Called by adapters/sim's agency port (in process) and by app/sandbox (HTTP bodies in, HTTP bodies out).
// Deterministic; no thread, no I/O, no clock of its own: life times (`ttl`, versions up to 3.11) are judged by the
// injected clock. Not thread-safe. It never redirects, votes or forgets its log: one agent that is always leader. Locks
// (`read-lock` …) and observers are known to no caller of ours: such an operation is refused like an unknown one (log
// index 0).
#pragma once

#include "domain/base/instant.h"
#include "ports/agency.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sim {

class AgencyModel {
public:
  struct Options {
    bool has_ttl = true;           ///< versions up to 3.11; later ones accept `ttl` and ignore it (spec 2.4)
    std::function<Instant()> now;  ///< for `ttl`; absent: nothing ever expires
  };
  /// What an agent would send: HTTP status and JSON body.
  struct Answer {
    int status = 200;
    std::string body;
  };

  explicit AgencyModel(Options options);
  AgencyModel() : AgencyModel(Options()) {}
  ~AgencyModel();
  AgencyModel(AgencyModel const&) = delete;
  AgencyModel& operator=(AgencyModel const&) = delete;

  // ---- as HTTP calls: the argument is the request's body (spec 2.3 - 2.7) ----
  Answer read(std::string_view body);
  Answer write(std::string_view body);
  Answer transact(std::string_view body);
  Answer transient(std::string_view body);
  Answer inquire(std::string_view body);
  /// Never waits: with nothing new the log is empty, as after a time-out.
  Answer poll(std::uint64_t index);

  // ---- in process ----
  /// One object with the full paths from the root; absent paths are left out (only their existing prefix is shown).
  std::string read_paths(std::vector<std::string> const& paths);
  /// Log index of the applied transaction, 0 if a precondition failed.
  std::uint64_t write(ports::AgencyTransaction const& transaction);
  /// Log index of the last applied transaction of that (non-empty) client id, 0 if there is none.
  std::uint64_t inquire_one(std::string const& client_id);
  /// Sets one node unconditionally: what the servers of the cluster do themselves below /arango.
  void put(std::string_view path, std::string_view json);
  /// JSON text of one node; empty if it is absent.
  std::string at(std::string_view path);

  std::uint64_t commit_index() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arangosync::sim
