#include "app/trace/describe.h"
#include "app/trace/describe_of.h"

namespace arangosync::trace {

using MasterCodec = Codec<engine::MasterMachine>;

std::uint64_t fingerprint(master::Command const& command) { return fingerprint_of(command); }
std::uint64_t fingerprint(master::Refusal const& refusal) { return fingerprint_of(refusal); }
std::uint64_t fingerprint(master::Event const& event) { return fingerprint_of(event); }
std::uint64_t fingerprint(master::Effect const& effect) { return fingerprint_of(effect); }

std::string describe(master::Command const& command) { return description_of<MasterCodec>(command); }
std::string describe(master::Refusal const& refusal) { return description_of<MasterCodec>(refusal); }
std::string describe(master::Event const& event) { return description_of<MasterCodec>(event); }
std::string describe(master::Effect const& effect) { return description_of<MasterCodec>(effect); }
std::string describe(master::State const& state) { return description_of<MasterCodec>(state); }

}  // namespace arangosync::trace
