#include "app/master/user_check.h"

#include "adapters/cluster/calls.h"

#include <boost/json.hpp>

#include <algorithm>
#include <initializer_list>

namespace arangosync::app {

namespace {

using rest::Verdict;

constexpr int checks_max = 16;  // at a time

/// {"result":"rw"}: the user may administrate the cluster.
Verdict granted_by(std::string const& body) {
  boost::system::error_code error;
  boost::json::value const parsed = boost::json::parse(body, error);
  auto const* object = error ? nullptr : parsed.if_object();
  auto const* result = object == nullptr ? nullptr : object->if_contains("result");
  if (result == nullptr || !result->is_string()) return Verdict::Unknown;
  return result->get_string() == "rw" ? Verdict::Opens : Verdict::Closed;
}

/// Without an answer of the right kind nothing is known: no Coordinator, one that starts or stops, a broken one.
bool is_refusal(cluster::Reply const& reply, std::initializer_list<int> statuses) {
  return reply && std::find(statuses.begin(), statuses.end(), reply->status) != statuses.end();
}

}  // namespace

http::Task<Verdict> UserCheck::ask(x509::BasicCredentials credentials) {
  cluster::Call open;
  open.what = "check a user's password";
  open.method = "POST";
  open.target = "/_open/auth";
  open.body =
      boost::json::serialize(boost::json::object{{"username", credentials.user}, {"password", credentials.password}});
  open.timeout = std::chrono::seconds(10);
  open.is_anonymous = true;
  cluster::Reply opened = co_await cluster::call_coordinator(scope_, connection_, std::move(open));
  // 400: a name or password that no user can have. 403: the user is switched off.
  bool const is_refused = is_refusal(opened, {400, 401, 403, 404});
  if (is_refused) co_return Verdict::Closed;
  if (!opened || opened->status != 200) co_return Verdict::Unknown;
  cluster::Call rights;
  rights.what = "check a user's rights";
  rights.target = "/_api/user/" + http::percent_encode(credentials.user) + "/database/_system";
  rights.timeout = std::chrono::seconds(10);
  cluster::Reply granted = co_await cluster::call_coordinator(scope_, connection_, std::move(rights));
  // Asked with our own credentials: only "no such user" is about the user.
  bool const is_gone = is_refusal(granted, {404});
  if (is_gone) co_return Verdict::Closed;
  if (!granted || granted->status != 200) co_return Verdict::Unknown;
  co_return granted_by(granted->body);
}

void UserCheck::check(x509::BasicCredentials credentials, std::function<void(Verdict)> answer) {
  if (!has_authentication_) {
    answer(Verdict::Opens);
    return;
  }
  // Whoever guesses passwords must not keep the Coordinators from their work.
  if (++under_way_ > checks_max) {
    --under_way_;
    answer(Verdict::Unknown);
    return;
  }
  scope_.start([this, credentials = std::move(credentials)] { return ask(credentials); },
               [this, answer = std::move(answer)](Verdict verdict) {
                 --under_way_;
                 answer(verdict);
               });
}

}  // namespace arangosync::app
