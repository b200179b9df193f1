// What of a small world makes it different from another one: times relative to now, request and call numbers relative
// to the last one, terms and beats relative to the lease in the agency, numbers of events to the journal there.
#include "app/trace/hash.h"
#include "app/trace/reflection.h"
#include "tests/explore/small_world.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace arangosync::explore {

namespace {

using namespace std::chrono_literals;

// Beyond these nothing depends on how far: no wait that is counted from the past is longer, and what is later than
// that is later than everything the small world does.
constexpr Duration past_max = 45s;
constexpr Duration future_max = 60s;
// A token that is looked at, and lives by so much longer than was thought, is kept anew: so long its age matters.
constexpr Duration token_age_max = 60s;

std::uint64_t number_of(std::int64_t value) { return static_cast<std::uint64_t>(value); }

}  // namespace

/// Derived, so that walk() is found for it wherever walk() is used.
struct RelativeSink : trace::HashSink {
  Instant now;
  RequestId next_request;
  std::uint64_t last_call = 0;
  election::Lease lease;
  std::uint64_t journal_sequence = 0;  ///< in the agency
  std::string_view field;              ///< whose value comes next; such numbers have no type of their own

  using HashSink::number;
  void next(std::string_view name) { field = name; }
  void number(std::uint64_t value) {
    bool const is_of_journal = field == "journal_sequence" || field == "first_sequence";
    HashSink::number(is_of_journal ? journal_sequence - value : value);
    field = {};
  }
  void token(Duration rest) { number(number_of(std::max(rest + -token_lifetime, -token_age_max).count())); }
  void time(Duration since_now) { number(number_of(std::clamp(since_now, -past_max, future_max).count())); }
};

}  // namespace arangosync::explore

namespace arangosync::trace {

using explore::RelativeSink;

template <>
inline void walk<RelativeSink, Instant>(RelativeSink& sink, Instant const& at) {
  sink.time(at == Instant() ? -std::chrono::hours(1) : at - sink.now);
}
template <>
inline void walk<RelativeSink, WallTime>(RelativeSink& sink, WallTime const& at) {
  constexpr WallTime epoch{std::chrono::hours(24 * 365 * 50)};
  Duration const since_now = at - (epoch + sink.now.since_start());
  if (sink.field == "remote_token_expires") return sink.token(since_now);
  sink.time(since_now);
}
template <>
inline void walk<RelativeSink, RequestId>(RelativeSink& sink, RequestId const& id) {
  sink.number(sink.next_request.value() - id.value());
}
template <>
inline void walk<RelativeSink, master::CallId>(RelativeSink& sink, master::CallId const& id) {
  sink.number(sink.last_call - id.value());
}
template <>
inline void walk<RelativeSink, Term>(RelativeSink& sink, Term const& term) {
  if (term == Term()) return sink.text("none");
  sink.number(sink.lease.term.value() - term.value());
}
template <>
inline void walk<RelativeSink, election::Lease>(RelativeSink& sink, election::Lease const& lease) {
  sink.text(lease.holder.value());
  walk(sink, lease.term);
  sink.number(sink.lease.beat - lease.beat);
}

}  // namespace arangosync::trace

namespace arangosync::explore {

std::uint64_t SmallWorld::fingerprint() const {
  RelativeSink sink;
  sink.now = now_;
  if (agency_->lease) sink.lease = *agency_->lease;
  sink.journal_sequence = agency_->persisted.journal_sequence;
  trace::walk(sink, *agency_);
  for (auto const& node : masters_) {
    sink.next_request = node->state.next_request;
    sink.last_call = node->last_call;
    auto const& each = *node;
    trace::walk(sink, each.state);
    trace::walk(sink, each.timers);
    trace::walk(sink, each.requests);
    trace::walk(sink, each.answers);
    trace::walk(sink, each.held);
    trace::walk(sink, each.waiting);
    trace::walk(sink, each.calls);
    trace::walk(sink, each.paused_at);
    sink.number(each.starts * 2 + (each.saving ? 1U : 0U));
  }
  sink.next_request = RequestId();
  for (auto const& node : workers_) trace::walk(sink, *node);
  sink.number(trouble_);
  trace::walk(sink, trouble_until_);
  sink.number(draws_);
  return sink.hash();
}

}  // namespace arangosync::explore
