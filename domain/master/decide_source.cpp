// This datacenter sends: accepting a target and letting it go.
#include "domain/base/mark.h"
#include "domain/master/decide.h"
#include "domain/sync/endpoints.h"

#include <algorithm>
#include <utility>

namespace arangosync::master {

namespace {

std::optional<std::string> fault_of(AcceptOutgoing const& command) {
  if (command.id.value().empty()) return "id missing";
  if (command.target.empty()) return "target missing";
  for (Url const& url : command.target) {
    if (!sync::origin_of(url)) return "Invalid target: " + url.value();
  }
  if (command.inventory.data.value().empty()) return "inventory channel missing";
  // A target of another kind has none, and would never hear of a collection.
  if (command.inventory.control.value().empty()) return "inventory-control channel missing";
  if (command.queue.endpoints.empty()) return "mq-config missing";
  return std::nullopt;
}

Decision accepted(Script script, CallId call, ClusterId const& target) {
  Token const token = issue_token(script, access::Holder{target});
  task::QueueConfig queue = own_queue(script, token);
  return reply(std::move(script), call, OutgoingAccepted{std::move(queue)});
}

void let_go(Script& script, ClusterId const& id, sync::Outgoing const& known, std::optional<sync::ServerMode> mode) {
  bool const leaves_mode = mode || leaves_a_mode(known);
  script.write(sync::OutgoingCancelled{id, mode});
  settle_tasks(script);
  bool const has_tasks = task::has_tasks(script.current_office().tasks, id);
  bool const is_still_there = script.current_office().sync.outgoing.count(id) > 0;
  if (is_still_there && !has_tasks && !leaves_mode) remove_outgoing(script, id);
}

Decision accept_again(Script script, AcceptOutgoing const& command, sync::Outgoing const& known) {
  Refused const again{RefusalKind::Precondition, "the former synchronization is being stopped, try again"};
  if (known.status == sync::Status::Cancelling) return reply(std::move(script), command.call, again);
  if (known.inventory != command.inventory || !sync::is_active(known.status)) {
    // The target has begun a new life, or what the original left behind had failed. What served that goes first; the
    // caller comes back.
    DC_MARK("master.outgoing.replaced");
    let_go(script, command.id, known, std::nullopt);
    return reply(std::move(script), command.call, again);
  }
  script.write(sync::OutgoingUpdated{command.id, sync::origins_of(command.target), command.queue, script.at()});
  return accepted(std::move(script), command.call, command.id);
}

bool is_ancestor(sync::State const& sync, ClusterId const& id) {
  if (!sync.incoming) return false;
  auto const& lineage = sync.incoming->lineage;
  return std::find(lineage.begin(), lineage.end(), id) != lineage.end();
}

}  // namespace

Decision decide(Script script, AcceptOutgoing const& command) {
  if (auto const fault = fault_of(command)) return refuse(RefusalKind::BadRequest, *fault);
  sync::State const& sync = script.office().sync;
  if (command.id == sync.cluster_id) return refuse(RefusalKind::Precondition, "the target is this datacenter itself");
  if (is_ancestor(sync, command.id)) {
    DC_MARK("master.outgoing.circle");
    return refuse(RefusalKind::Precondition, "this datacenter itself receives from the target " + command.id.value() +
                                                 ", directly or not: data would run in a circle");
  }
  if (sync::is_late(sync, command.id, command.order)) {
    DC_MARK("master.outgoing.late");
    return reply(std::move(script), command.call, overtaken());
  }
  hear(script, command.id, command.order);
  auto const known = sync.outgoing.find(command.id);
  if (known != sync.outgoing.end()) return accept_again(std::move(script), command, known->second);
  sync::Outgoing outgoing;
  outgoing.id = command.id;
  outgoing.target = sync::origins_of(command.target);
  outgoing.inventory = command.inventory;
  outgoing.remote_queue = command.queue;
  // How long its token lives is not said: renew it at once, the answer tells.
  outgoing.remote_token_expires = script.wall() + script.before().identity.token_lifetime;
  script.write(sync::OutgoingEntered{outgoing, script.at()});
  create_task(script, task::Spec{task::Kind::SendInventory, true, command.inventory, command.id, std::nullopt});
  return accepted(std::move(script), command.call, command.id);
}

Decision decide(Script script, RemoveOutgoing const& command) {
  if (sync::is_late(script.office().sync, command.id, command.order)) {
    DC_MARK("master.withdrawal.late");
    return reply(std::move(script), command.call, overtaken());
  }
  // Also of a target that is not known: its announcement may still be on its way.
  hear(script, command.id, command.order);
  auto const known = script.office().sync.outgoing.find(command.id);
  bool const is_known = known != script.office().sync.outgoing.end();
  if (is_known && known->second.status != sync::Status::Cancelling) {
    let_go(script, command.id, known->second, command.mode);
  } else if (is_known && command.mode && command.mode != known->second.final_mode) {
    // It is leaving already, and has thought better of what it leaves behind.
    script.write(sync::OutgoingCancelled{command.id, command.mode});
  }
  return reply(std::move(script), command.call, Done{});
}

}  // namespace arangosync::master
