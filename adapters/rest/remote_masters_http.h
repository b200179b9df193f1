// The other datacenter's masters over HTTPS (ports::RemoteMasters; spec arangosync-api 5.3, 5.4). Built by app/master;
// thread-safe; answers go to the master's inbox from Io threads; nothing is posted any more once the destructor has
// returned.
//
// The target proves itself at the source by its client certificate, the source at the target by the token it was given;
// the other side is verified by the CA certificate that came with the configuration. One TLS client per distinct
// identity is kept.
#pragma once

#include "adapters/http/http.h"
#include "adapters/rest/forms.h"
#include "ports/inbox.h"
#include "ports/peers.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace arangosync::rest {

struct MasterCall;

class RemoteMastersHttp final : public ports::RemoteMasters {
public:
  /// Why a source with these traits is none for us.
  using Unfit = std::function<std::optional<std::string>(ClusterTraits const&)>;
  RemoteMastersHttp(http::Io& io, ports::Inbox<master::Command>& inbox, Unfit unfit);
  ~RemoteMastersHttp() override;

  void perform(master::AskSource const& effect) override;
  void perform(master::AskLineage const& effect) override;
  void perform(master::AnnounceOutgoing const& effect) override;
  void perform(master::WithdrawOutgoing const& effect) override;
  void perform(master::RaiseBarrier const& effect) override;
  void perform(master::LowerBarrier const& effect) override;
  void perform(master::AnnounceShard const& effect) override;
  void perform(master::WithdrawShard const& effect) override;
  void perform(master::RenewRemoteToken const& effect) override;

private:
  struct Line;  // a TLS client, its calls under way, and the endpoints behind it
  Line& line(master::Remote const& remote);
  /// For what comes by the thousand, so that barriers and stops do not wait behind it.
  Line& line_of_shards(master::Remote const& remote);
  Line& line(master::Remote const& remote, std::string_view use, http::ClientLimits limits);
  void send(Line& to, MasterCall call, RequestId request, bool absent_is_done);

  http::Io& io_;
  Unfit const unfit_;
  ports::Inbox<master::Command>& inbox_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Line>> lines_;  // by use, identity and endpoints
};

}  // namespace arangosync::rest
