// A master calls a worker only if it shows a certificate of the workers' CA.
#include <gtest/gtest.h>

#include "adapters/rest/forms.h"
#include "adapters/rest/own_workers_http.h"
#include "tests/adapters/rest/support.h"

#include <mutex>

namespace arangosync::rest {
namespace {

class Answers final : public ports::Inbox<master::Command> {
public:
  void post(master::Command command) override {
    std::lock_guard const lock(mutex_);
    sent_.push_back(std::get<master::TaskSent>(command));
  }
  std::optional<master::TaskSent> first() {
    std::optional<master::TaskSent> found;
    eventually([&] {
      std::lock_guard const lock(mutex_);
      if (!sent_.empty()) found = sent_.front();
      return found.has_value();
    });
    return found;
  }

private:
  std::mutex mutex_;
  std::vector<master::TaskSent> sent_;
};

struct Shown {
  std::size_t calls = 0;
  std::optional<master::TaskSent> answer;
};

membership::WorkerRecord worker_at(http::Server const& server) {
  return {WorkerId("w"), Url("https://127.0.0.1:" + std::to_string(server.port())), Token("t"), 77, "host"};
}

/// Sends a task to a server that presents `tls`, with `ca` to verify it.
Shown send(http::ServerTls const& tls, std::string const& ca) {
  http::Io io{2};
  std::atomic<std::size_t> calls{0};
  http::Server::Options options;
  options.address = "127.0.0.1";
  options.tls = tls;
  auto const server = *http::Server::start(io, options, [&](http::Request, http::Peer const&, http::Responder respond) {
    ++calls;
    respond({200, {}, "{}"});
  });
  Answers answers;
  Shown shown;
  {
    OwnWorkersHttp workers(io, answers, master_secret);
    workers.perform(master::SendTask{RequestId(1), worker_at(*server), TaskId("task1"), {}, {}, ca});
    shown.answer = answers.first();
  }
  shown.calls = calls;
  return shown;
}

TEST(OwnWorkers, HearATaskWhenTheyShowACertificateOfTheirCa) {
  auto const shown = send(Certificates::shared().worker_tls(), Certificates::shared().worker_ca.certificate_pem);
  ASSERT_TRUE(shown.answer.has_value());
  EXPECT_TRUE(shown.answer->outcome.has_value());
  EXPECT_EQ(shown.calls, 1u);
}

TEST(OwnWorkers, AreToldWhichRegistrationIsMeantAndOfWhichTermAndNumberAnOrderIs) {
  http::Io io{2};
  std::mutex mutex;
  std::vector<http::Request> heard;
  http::Server::Options options;
  options.address = "127.0.0.1";
  options.tls = Certificates::shared().worker_tls();
  auto const server =
      *http::Server::start(io, options, [&](http::Request it, http::Peer const&, http::Responder respond) {
        std::lock_guard const lock(mutex);
        heard.push_back(std::move(it));
        respond({200, {}, "{}"});
      });
  Answers answers;
  OwnWorkersHttp workers(io, answers, master_secret);
  std::string const ca = Certificates::shared().worker_ca.certificate_pem;
  workers.perform(master::RevokeTask{RequestId(1), worker_at(*server), TaskId("task1"), ca, Term(7)});
  ASSERT_TRUE(answers.first().has_value());
  workers.perform(master::SendTask{RequestId(2), worker_at(*server), TaskId("task1"), {}, {}, ca, {}, Term(7)});
  ASSERT_TRUE(eventually([&] {
    std::lock_guard const lock(mutex);
    return heard.size() == 2;
  }));
  EXPECT_EQ(heard.at(0).method + " " + heard.at(0).target, "DELETE /_api/task/task1?worker=w&term=7&number=1");
  auto const order = read_task_order(heard.at(1).body);
  ASSERT_TRUE(order) << order.error();
  EXPECT_EQ(order->worker, WorkerId("w"));
  EXPECT_EQ(order->term, Term(7));
  EXPECT_EQ(order->number, RequestId(2));
}

TEST(OwnWorkers, AStrangerAtAWorkersAddressDoesNotHearTheMastersToken) {
  auto const shown = send(Certificates::shared().master_tls(), Certificates::shared().worker_ca.certificate_pem);
  ASSERT_TRUE(shown.answer.has_value());
  EXPECT_FALSE(shown.answer->outcome.has_value());
  EXPECT_EQ(shown.calls, 0u);
}

TEST(OwnWorkers, AreNotCalledWhileThereIsNoCaToVerifyThemBy) {
  auto const shown = send(Certificates::shared().worker_tls(), "");
  ASSERT_TRUE(shown.answer.has_value());
  ASSERT_FALSE(shown.answer->outcome.has_value());
  EXPECT_EQ(shown.answer->outcome.error().fault_class, FaultClass::Retry);
  EXPECT_EQ(shown.calls, 0u);
}

}  // namespace
}  // namespace arangosync::rest
