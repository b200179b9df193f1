#include "adapters/cluster/root_user.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/json_value.h"

#include <utility>

namespace arangosync::cluster {

http::Task<Outcome<std::optional<RootUser>>> find_root(http::Scope& scope, Connection& connection,
                                                       Destination destination) {
  Call call;
  call.what = "find the user root in " + to_string(destination);
  call.method = "POST";
  call.target = in_database(destination.database, "/_api/cursor");
  call.body = R"({"query":"FOR u IN _users FILTER u.user == 'root' RETURN u"})";
  call.deadline = destination.deadline;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto const body = parse_json(reply->body);
  auto const* found = body ? member(*body, "result") : nullptr;
  if (found == nullptr || !found->is_array()) {
    co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  }
  if (found->get_array().empty()) co_return std::optional<RootUser>();
  auto const& user = found->get_array().front();
  RootUser root{string_of(user, "_key").value_or(""), string_of(user, "_rev").value_or("")};
  co_return std::optional<RootUser>(std::move(root));
}

void leave_root_alone(codec::ApplyPlan& plan, codec::ChangesReader const& changes,
                      std::optional<RootUser> const& root) {
  auto const is_roots_key = [&](std::string_view key) { return root && key == root->key; };
  std::erase_if(plan.upserts, [&](std::uint32_t index) {
    auto const change = changes[index];
    auto const document = parse_json(change.document);
    bool const is_root = document && string_of(*document, "user") == "root";
    return is_root || is_roots_key(change.key);
  });
  std::erase_if(plan.removals, is_roots_key);
  std::erase_if(plan.by_revision, [&](std::string const& revision) { return root && revision == root->revision; });
}

}  // namespace arangosync::cluster
