#include "app/replay/describe.h"
#include "app/replay/reflection.h"

namespace arangosync::replay {

std::uint64_t fingerprint(worker::Command const& command) { return fingerprint_of(command); }
std::uint64_t fingerprint(worker::Refusal const& refusal) { return fingerprint_of(refusal); }
std::uint64_t fingerprint(worker::Event const& event) { return fingerprint_of(event); }
std::uint64_t fingerprint(worker::Effect const& effect) { return fingerprint_of(effect); }

std::string describe(worker::Command const& command) { return description_of(command); }
std::string describe(worker::Refusal const& refusal) { return description_of(refusal); }
std::string describe(worker::Event const& event) { return description_of(event); }
std::string describe(worker::Effect const& effect) { return description_of(effect); }

}  // namespace arangosync::replay
