// /_api/agency on the agent (spec arangodb-read 2). One agent, which always leads; `poll` answers at once.
#include "app/sandbox/api.h"

namespace arangosync::sandbox {
namespace {

Response config(Shared& shared, Call const& call) {
  std::string index = std::to_string(shared.agency.commit_index());
  std::string acked = json::Object().raw("lastAckedTime", "0").raw("lastAckedIndex", index).take();
  std::string pool = json::Object().text(call.server, shared.agent_endpoint).take();
  std::string configuration = json::Object()
                                  .raw("pool", pool)
                                  .raw("active", json::array_of_texts({call.server}))
                                  .text("id", call.server)
                                  .number("agency size", 1)
                                  .number("pool size", 1)
                                  .text("endpoint", shared.agent_endpoint)
                                  .number("min ping", 1)
                                  .number("max ping", 5)
                                  .number("timeoutMult", 1)
                                  .flag("supervision", true)
                                  .number("supervision frequency", 1)
                                  .number("compaction step size", 500)
                                  .number("compaction keep size", 50'000)
                                  .number("supervision grace period", 10)
                                  .number("supervision ok threshold", 5)
                                  .number("version", 2)
                                  .text("startup", "origin")
                                  .take();
  return json_answer(200, json::Object()
                              .number("term", 1)
                              .text("leaderId", call.server)
                              .raw("commitIndex", index)
                              .number("lastCompactionAt", 0)
                              .number("nextCompactionAfter", 500)
                              .raw("lastAcked", json::Object().raw(call.server, acked).take())
                              .raw("configuration", configuration)
                              .text("engine", "rocksdb")
                              .text("version", shared.options.version)
                              .take());
}

Response sent(sim::AgencyModel::Answer answer) { return json_answer(answer.status, std::move(answer.body)); }

}  // namespace

Response agency_api(Shared& shared, Call const& call) {
  shared.publish();
  auto what = call.part(2);
  bool is_get = call.method() == "GET";
  bool is_reading = what == "config" || what == "poll" || what == "state" || what == "stores";
  bool is_known =
      is_reading || what == "read" || what == "write" || what == "transact" || what == "transient" || what == "inquire";
  if (!is_known) return failure(404, 404, "unknown agency call");
  if (is_get != is_reading || (!is_get && call.method() != "POST")) return method_not_allowed();
  if (what == "config") return config(shared, call);
  if (what == "poll") return sent(shared.agency.poll(call.number("index", 0)));
  if (what == "state" || what == "stores") {
    std::string tree = shared.agency.at("/");
    return json_answer(200, json::Object().raw("read_db", "[" + tree + "]").take());
  }
  if (what == "read") return sent(shared.agency.read(call.body()));
  if (what == "write") return sent(shared.agency.write(call.body()));
  if (what == "transact") return sent(shared.agency.transact(call.body()));
  if (what == "transient") return sent(shared.agency.transient(call.body()));
  return sent(shared.agency.inquire(call.body()));
}

}  // namespace arangosync::sandbox
