// Durable events of the master as JSON and back: what the journal in the agency holds (design page §4).
//
// Used by layout_journal.cpp. Every entry carries the version of its form; a form that was ever written is read for
// ever (tests/data/journal has golden files per version). Moments of a process's own monotonic clock are not kept: they
// mean nothing to another one. Holds secrets, as the state beside it does: what people are shown is layout::describe.
#pragma once

#include "domain/base/result.h"
#include "domain/master/master.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace arangosync::agency {

/// 2: orders are numbered. What was written in form 1 is read by the same functions: it says nothing of orders.
/// 3: assignments name the reign of their shard's leader; nor do forms 1 and 2 say anything of that.
/// 4: which plan was seen, and whether the mode is doubted; forms 1 to 3 have no such kinds.
inline constexpr std::uint64_t event_form_version = 4;

/// All that evolve() needs of a durable event.
boost::json::object event_data(master::Event const& event);
/// `event` is the kind's name as describe() gives it. A Fault (Permanent): unknown kind or version, or not to be
/// understood.
Outcome<master::Event> read_event(std::string const& event, std::uint64_t version, boost::json::object const& data);

}  // namespace arangosync::agency
