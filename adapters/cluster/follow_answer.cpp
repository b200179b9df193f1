#include "adapters/cluster/follow_answer.h"

#include "adapters/cluster/error_class.h"

#include <algorithm>

namespace arangosync::cluster {

std::optional<Tick> FollowRound::to() const {
  if (!position_) return std::nullopt;
  return std::max(*position_, Tick(1));  // 0 is refused
}

void FollowRound::take(LogHeaders const& headers, std::string body) {
  bool const has_lines = headers.last_included > Tick(0);
  // With lines: the end of the last batch that was read. Without: the start of the last one that was looked at.
  Tick const reached = std::max(from_, has_lines ? headers.last_included : headers.last_scanned);
  Tick const wanted = to().value_or(headers.last_tick);
  bool const is_full = has_lines && headers.last_included < wanted;
  if (is_full) at_end_ = false;
  if (has_lines) cut_ = std::min(headers.last_included, cut_.value_or(headers.last_included));
  if (!position_ || is_full) slowest_ = database();
  position_ = std::min(reached, position_.value_or(reached));
  newest_ = std::max(newest_, headers.last_tick);
  parts_.push_back(Part{database(), std::move(body)});
}

Tick follow_from(LogPosition position) {
  bool const may_be_inside = position.last_scanned > Tick(0) && position.last_scanned <= position.from;
  return may_be_inside ? Tick(position.last_scanned.value() - 1) : position.from;
}

History judge_followed(LogPosition asked, Tick start, int status, LogHeaders const& headers) {
  auto const judgement = judge_history(asked, status, headers);
  // The flag is about `start`; with a log that begins right behind it everything is there all the same.
  return judgement == History::Lost && start < asked.from && headers.last_tick >= asked.from ? History::AskRange
                                                                                             : judgement;
}

bool is_followed_lost(LogPosition asked, Tick start, Tick oldest, Tick newest) {
  if (oldest == Tick(0)) return asked.from != newest;  // nothing is retained at all
  return oldest > (start < asked.from ? Tick(start.value() + 1) : asked.from);
}

bool is_follow_unknown(http::Response const& response) {
  bool const is_passed_on = !http::header(response.headers, "x-arango-request-forwarded-to").empty();
  if (!is_passed_on) return response.status == 501;  // the Coordinator does not pass this call on
  bool const is_refused = response.status >= 400 && response.status < 500;
  return is_refused && response.status != 401 && response.status != 403 &&
         server_error(response).number != error::collection_not_found &&
         server_error(response).number != error::database_not_found;
}

}  // namespace arangosync::cluster
