// A master's workers over HTTPS (ports::OwnWorkers; spec arangosync-api 5.2). Built by app/master; thread-safe; answers
// go to the master's inbox from Io threads; nothing is posted any more once the destructor has returned.
//
// A worker must show a certificate of the workers' CA before it hears the masters' token; without a CA none is called.
#pragma once

#include "adapters/http/http.h"
#include "adapters/http/scope.h"
#include "adapters/rest/master_caller.h"
#include "ports/inbox.h"
#include "ports/peers.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace arangosync::rest {

class OwnWorkersHttp final : public ports::OwnWorkers {
public:
  OwnWorkersHttp(http::Io& io, ports::Inbox<master::Command>& inbox, std::string master_jwt_secret);
  ~OwnWorkersHttp() override;

  void perform(master::SendTask const& effect) override;
  void perform(master::RevokeTask const& effect) override;

private:
  struct Line {  // a TLS client and its calls under way
    Line(http::Io& io, std::string const& ca)
        : client(io, http::ClientTls{ca, {}, {}}, calls_at_a_time()), scope(io, client) {}
    http::Task<Outcome<Done>> order(http::Endpoint endpoint, MasterCall call, bool absent_is_done);

    http::Client client;
    http::Scope scope;
  };
  Line& line(std::string const& worker_ca);
  void start(RequestId request, Url const& worker, std::string const& worker_ca, MasterCall call, bool absent_is_done);

  http::Io& io_;
  std::string const master_jwt_secret_;
  ports::Inbox<master::Command>& inbox_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Line>> lines_;  // by worker CA: a datacenter has one, and keeps it
};

}  // namespace arangosync::rest
