// Inside of adapters/http: who may call an endpoint now, and who waits for that, in the order of coming. Only counts
// and keeps; the pool holds its mutex around every call, tells the time, and answers who has waited for too long.
#pragma once

#include "adapters/http/http.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace arangosync::http {

class Turns {
public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Waiting {
    Client::Call call;
    std::function<void(Answer)> answer;
    TimePoint since;
    TimePoint expires;
  };

  explicit Turns(std::size_t per_endpoint_max) : per_endpoint_max_(per_endpoint_max) {}

  /// True: the caller has a turn, which it must end. False: it has to wait.
  bool take(Endpoint const& endpoint);
  void wait(Waiting waiting);
  /// A turn is over. Who comes next has it then, if anybody waits.
  std::optional<Waiting> end(Endpoint const& endpoint);

  std::vector<Waiting> take_expired(TimePoint now);
  std::vector<Waiting> take_all();
  std::optional<TimePoint> next_expiry() const;  ///< absent: nobody waits
  std::size_t per_endpoint_max() const { return per_endpoint_max_; }

private:
  struct Line {
    std::size_t turns = 0;
    std::deque<Waiting> waiting;
  };
  std::size_t const per_endpoint_max_;
  std::map<Endpoint, Line> lines_;  // of endpoints that somebody calls
};

}  // namespace arangosync::http
