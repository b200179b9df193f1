// Hash and text of whatever passes through the two root machines. Texts may hold made-up secrets: simulation only.
#pragma once

#include "domain/master/master.h"
#include "domain/worker/worker.h"

#include <cstdint>
#include <string>

namespace arangosync::replay {

std::uint64_t fingerprint(master::Command const& command);
std::uint64_t fingerprint(master::Refusal const& refusal);
std::uint64_t fingerprint(master::Event const& event);
std::uint64_t fingerprint(master::Effect const& effect);
std::uint64_t fingerprint(worker::Command const& command);
std::uint64_t fingerprint(worker::Refusal const& refusal);
std::uint64_t fingerprint(worker::Event const& event);
std::uint64_t fingerprint(worker::Effect const& effect);

std::string describe(master::Command const& command);
std::string describe(master::Refusal const& refusal);
std::string describe(master::Event const& event);
std::string describe(master::Effect const& effect);
std::string describe(worker::Command const& command);
std::string describe(worker::Refusal const& refusal);
std::string describe(worker::Event const& event);
std::string describe(worker::Effect const& effect);

}  // namespace arangosync::replay
