#include "app/master/user_check.h"

#include "adapters/cluster/calls.h"

#include <boost/json.hpp>

namespace arangosync::app {

namespace {

/// {"result":"rw"}: the user may administrate the cluster.
bool grants_write(std::string const& body) {
  boost::system::error_code error;
  boost::json::value const parsed = boost::json::parse(body, error);
  auto const* object = error ? nullptr : parsed.if_object();
  auto const* result = object == nullptr ? nullptr : object->if_contains("result");
  return result != nullptr && result->is_string() && result->get_string() == "rw";
}

}  // namespace

http::Task<bool> UserCheck::ask(x509::BasicCredentials credentials) {
  cluster::Call open;
  open.what = "check a user's password";
  open.method = "POST";
  open.target = "/_open/auth";
  open.body =
      boost::json::serialize(boost::json::object{{"username", credentials.user}, {"password", credentials.password}});
  open.timeout = std::chrono::seconds(10);
  cluster::Reply opened = co_await cluster::call_coordinator(scope_, connection_, std::move(open));
  if (!opened || opened->status != 200) co_return false;
  cluster::Call rights;
  rights.what = "check a user's rights";
  rights.target = "/_api/user/" + http::percent_encode(credentials.user) + "/database/_system";
  rights.timeout = std::chrono::seconds(10);
  cluster::Reply granted = co_await cluster::call_coordinator(scope_, connection_, std::move(rights));
  co_return granted && granted->status == 200 && grants_write(granted->body);
}

void UserCheck::check(x509::BasicCredentials credentials, std::function<void(bool)> answer) {
  if (!has_authentication_) {
    answer(true);
    return;
  }
  scope_.start([this, credentials = std::move(credentials)] { return ask(credentials); }, std::move(answer));
}

}  // namespace arangosync::app
