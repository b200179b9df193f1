// A worker's master over HTTPS (ports::OwnMaster; spec arangosync-api 5.1). Built by app/worker; thread-safe; answers
// go to the worker's inbox from Io threads; nothing is posted any more once the destructor has returned.
#pragma once

#include "adapters/http/http.h"
#include "adapters/http/scope.h"
#include "adapters/rest/forms.h"
#include "adapters/rest/master_caller.h"
#include "ports/inbox.h"
#include "ports/peers.h"

#include <functional>
#include <string>
#include <vector>

namespace arangosync::rest {

class OwnMasterHttp final : public ports::OwnMaster {
public:
  struct Options {
    std::vector<http::Endpoint> masters;
    std::string master_jwt_secret;  ///< secret
    Url endpoint;                   ///< by which masters reach this worker
    Token token;                    ///< of this process
    std::string host;
  };
  OwnMasterHttp(http::Io& io, http::Client& client, ports::Inbox<worker::Command>& inbox, Options options);

  void perform(worker::Register const& effect) override;
  void perform(worker::ReportStatus const& effect) override;
  void perform(worker::ReportInventory const& effect) override;
  void perform(worker::AskShardStart const& effect) override;
  void perform(worker::AskShardStop const& effect) override;

  /// What a worker needs to begin: cluster, certificate, queue. `answer` runs on an Io thread.
  void configure(std::function<void(Outcome<WorkerConfiguration>)> answer);
  /// An orderly farewell, so that tasks move at once.
  void unregister(WorkerId const& worker, std::function<void(Outcome<Done>)> answer);

private:
  http::Task<Outcome<Done>> report(worker::ReportStatus effect);
  http::Task<Outcome<Done>> simple(MasterCall call);
  MasterCall call(std::string method, std::string target, std::string body) const;
  MasterCall report_call(std::string target, std::string body) const;
  void answer_reported(RequestId request, MasterCall call);

  Options const options_;
  ports::Inbox<worker::Command>& inbox_;
  // The scope last: it waits for what uses the caller.
  MasterCaller caller_;
  http::Scope scope_;
};

}  // namespace arangosync::rest
