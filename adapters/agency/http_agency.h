// The agency over HTTP (spec arangodb-read 2). Built by app/master, used by master_store.
//
// Finds the agents through `endpoints` (in a daemon: cluster::Connection::agents), follows 307 to the leader inside
// that pool, tries the next agent on failure, reads the result of each transaction rather than the status, and asks
// `inquire` when the outcome of a write is not known. Thread-safe; callbacks run on Io threads, exactly once, unless
// the object is destroyed before.
#pragma once

#include "adapters/http/http.h"
#include "ports/agency.h"
#include "ports/runtime.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace arangosync::agency {

class HttpAgency final : public ports::Agency {
public:
  using Endpoints = std::vector<http::Endpoint>;
  struct Options {
    /// Asks for the agents' endpoints; called at first use and whenever no known agent answers.
    std::function<void(std::function<void(Endpoints)>)> endpoints;
    std::function<std::string()> authorization;  ///< Authorization header of the moment; empty: none
    /// An agent refused this header, for the so-manieth time in one call. True: there is another one to try.
    std::function<bool(std::string const&, std::size_t)> refused = [](auto const&, auto) { return false; };
    Duration call_timeout{std::chrono::seconds(5)};    ///< of one request to one agent
    Duration give_up_after{std::chrono::seconds(20)};  ///< of one read or write with all its attempts
  };
  HttpAgency(http::Io& io, http::Client& client, ports::Clock& clock, Options options);
  ~HttpAgency() override;

  void read(std::vector<std::string> paths, std::function<void(Outcome<std::string>)> answer) override;
  void write(ports::AgencyTransaction transaction, std::function<void(ports::AgencyOutcome)> answer) override;

private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with the endpoint question under way
};

}  // namespace arangosync::agency
