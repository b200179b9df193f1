// Hash and text of whatever passes through the two root machines, for people and for the simulation's own trace. Texts
// never hold a secret; hashes are of everything.
#pragma once

#include "domain/master/master.h"
#include "domain/worker/worker.h"

#include <cstdint>
#include <string>

namespace arangosync::trace {

std::uint64_t fingerprint(master::Command const& command);
std::uint64_t fingerprint(master::Refusal const& refusal);
std::uint64_t fingerprint(master::Event const& event);
std::uint64_t fingerprint(master::Effect const& effect);
std::uint64_t fingerprint(worker::Command const& command);
std::uint64_t fingerprint(worker::Refusal const& refusal);
std::uint64_t fingerprint(worker::Event const& event);
std::uint64_t fingerprint(worker::Effect const& effect);

/// One line: Name{field=value, …}.
std::string describe(master::Command const& command);
std::string describe(master::Refusal const& refusal);
std::string describe(master::Event const& event);
std::string describe(master::Effect const& effect);
std::string describe(master::State const& state);
std::string describe(worker::Command const& command);
std::string describe(worker::Refusal const& refusal);
std::string describe(worker::Event const& event);
std::string describe(worker::Effect const& effect);
std::string describe(worker::State const& state);

}  // namespace arangosync::trace
