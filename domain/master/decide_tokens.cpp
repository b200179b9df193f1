// Tokens given to the other datacenter, and those it gave us.
#include "domain/base/mark.h"
#include "domain/master/decide.h"

#include <utility>

namespace arangosync::master {

namespace {

sync::RemoteTokenKept kept(Script const& script, sync::Partner const& partner, Token const& token, Duration lifetime) {
  return sync::RemoteTokenKept{partner, token, script.wall() + lifetime, renewal_of(script, lifetime)};
}

/// Only looked at: the token is the one we have, and lives as long as we thought.
bool is_known(Script const& script, sync::Partner const& partner, Token const& token, Duration lifetime) {
  sync::State const& sync = script.office().sync;
  WallTime const expires_at =
      partner ? sync.outgoing.at(*partner).remote_token_expires : sync.incoming->remote_token_expires;
  Duration const more = script.wall() + lifetime - expires_at;
  return sync::queue_of(sync, partner).client_token == token.value() && more < std::chrono::minutes(1) &&
         more > -std::chrono::minutes(1);
}

}  // namespace

Decision decide(Script script, IssueToken const& command) {
  std::optional<access::Holder> holder;
  if (command.target) holder = access::Holder{command.target};
  Token const token = issue_token(script, holder);
  Duration const lifetime = script.before().identity.token_lifetime;
  return reply(std::move(script), command.call, TokenIssued{token, lifetime});
}

Decision decide(Script script, CloneToken const& command) {
  access::Tokens const& tokens = script.office().tokens;
  if (!access::is_valid(tokens, command.parent, script.wall())) {
    return refuse(RefusalKind::Unauthorized, "unknown or expired token");
  }
  Token const token = script.take_token();
  access::TokenEntry const& parent = tokens.at(command.parent);
  WallTime const expires_at = parent.expires_at;
  script.write(access::TokenIssued{token, access::TokenEntry{expires_at, command.parent, parent.holder}});
  Duration const lifetime = expires_at - script.wall();
  return reply(std::move(script), command.call, TokenIssued{token, lifetime});
}

Decision decide(Script script, RenewToken const& command) {
  access::Tokens const& tokens = script.office().tokens;
  if (!access::is_valid(tokens, command.token, script.wall())) {
    return refuse(RefusalKind::Unauthorized, "unknown or expired token");
  }
  Duration const full = script.before().identity.token_lifetime;
  Duration const rest = tokens.at(command.token).expires_at - script.wall();
  // Renewed a moment ago: thousands of tasks that ask often must not cost a write each.
  if (rest > full - full / 10) return reply(std::move(script), command.call, TokenIssued{command.token, rest});
  script.write(access::TokenExtended{command.token, script.wall() + full});
  return reply(std::move(script), command.call, TokenIssued{command.token, full});
}

Decision decide(Script script, ReplaceRemoteToken const& command) {
  sync::State const& sync = script.office().sync;
  bool const is_from_source = command.id == sync.cluster_id && sync.incoming;
  sync::Partner const partner = is_from_source ? sync::Partner() : sync::Partner(command.id);
  auto const status = sync::status_of(sync, partner);
  if (!status) return refuse(RefusalKind::NotFound, "unknown datacenter " + command.id.value());
  if (!sync::is_active(*status)) return refuse(RefusalKind::Precondition, "the synchronization is being stopped");
  if (command.token.value().empty()) return refuse(RefusalKind::BadRequest, "token missing");
  if (command.lifetime <= Duration{0}) return refuse(RefusalKind::BadRequest, "token-ttl missing");
  script.write(kept(script, partner, command.token, command.lifetime));
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, RemoteTokenRenewed const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::RenewToken);
  if (!answer) return stale();
  sync::Partner const partner = answer->errand.partner;
  if (!command.outcome) {
    FaultClass const fault = command.outcome.error().fault_class;
    bool const is_lost = fault == FaultClass::Denied || fault == FaultClass::NotFound;
    if (!is_lost) return failed(std::move(script), *answer, command.outcome.error());
    // As target we ask the source for another. As source we wait: the target sees that ours has expired and gives a new
    // one.
    DC_MARK("master.token.lost");
    script.write(sync::RemoteTokenLost{partner, renewal_of(script, script.before().identity.token_lifetime / 4)});
    // It may have forgotten more than that.
    if (!partner && sync::is_active(*sync::status_of(script.office().sync, partner))) {
      script.write(sync::SourceForgot{});
    }
    return answered(std::move(script), *answer);
  }
  auto const& [token, lifetime] = *command.outcome;
  if (is_known(script, partner, token, lifetime)) {
    script.write(sync::RemoteTokenFound{partner, renewal_of(script, lifetime)});
  } else {
    script.write(kept(script, partner, token, lifetime));
  }
  return answered(std::move(script), *answer);
}

}  // namespace arangosync::master
