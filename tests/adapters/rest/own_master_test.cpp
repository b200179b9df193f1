// What a worker tells its master arrives as it was told: by both ends that ship, over TLS.
#include "adapters/rest/own_master_http.h"

#include "tests/adapters/rest/support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

namespace arangosync::rest {
namespace {

class Answers final : public ports::Inbox<worker::Command> {
public:
  void post(worker::Command command) override {
    std::lock_guard const lock(mutex_);
    sent_.push_back(std::move(command));
  }
  bool has(RequestId request) {
    return eventually([&] {
      std::lock_guard const lock(mutex_);
      return std::any_of(sent_.begin(), sent_.end(), [&](worker::Command const& command) {
        auto const* reported = std::get_if<worker::Reported>(&command);
        return reported != nullptr && reported->request == request && reported->outcome.has_value();
      });
    });
  }

private:
  std::mutex mutex_;
  std::vector<worker::Command> sent_;
};

class OwnMaster : public ::testing::Test {
protected:
  OwnMaster() {
    OwnMasterHttp::Options options;
    options.masters = {master.endpoint()};
    options.master_jwt_secret = master_secret;
    options.endpoint = Url("https://worker:8729");
    options.token = Token("t");
    own_master = std::make_unique<OwnMasterHttp>(io, client, answers, options);
  }

  http::Io io{2};
  TestMaster master{io};
  Answers answers;
  http::Client client{io, http::ClientTls{}};
  std::unique_ptr<OwnMasterHttp> own_master;
};

TEST_F(OwnMaster, IsToldWhoReportsForWhichLeaderAndInWhichOrder) {
  ShardRef const shard{DatabaseName("shop"), CollectionName("orders"), 2};
  sync::StatusEntry incoming{std::nullopt, shard, {}, TaskId("task 1")};
  incoming.report.status = sync::Status::Running;
  incoming.report.caught_up = WallTime(1700000000s);
  incoming.report.unconfirmed = true;
  sync::StatusEntry const outgoing{ClusterId("t"), shard, {}, TaskId("task2")};
  own_master->perform(worker::ReportStatus{RequestId(7), {incoming, outgoing}, WorkerId("w 1"), Term(4)});
  ASSERT_TRUE(answers.has(RequestId(7)));
  auto const halves = [&] {
    std::lock_guard const lock(master.mutex);
    return master.commands;
  }();
  ASSERT_EQ(halves.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    auto const& half = std::get<master::ReportStatus>(halves[i]);
    EXPECT_EQ(half.entries, std::vector{i == 0 ? incoming : outgoing});
    EXPECT_EQ(half.worker, WorkerId("w 1"));
    EXPECT_EQ(half.term, Term(4));
    EXPECT_EQ(half.number, RequestId(7));
  }
  sync::InventoryReport const inventory{9, {}, WallTime(1700000001s)};
  own_master->perform(worker::ReportInventory{RequestId(8), inventory, TaskId("i"), WorkerId("w"), Term(5)});
  ASSERT_TRUE(answers.has(RequestId(8)));
  auto const told = master.last<master::ReportInventory>();
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->report, inventory);
  EXPECT_EQ(told->task, TaskId("i"));
  EXPECT_EQ(told->worker, WorkerId("w"));
  EXPECT_EQ(told->term, Term(5));
  EXPECT_EQ(told->number, RequestId(8));
}

}  // namespace
}  // namespace arangosync::rest
