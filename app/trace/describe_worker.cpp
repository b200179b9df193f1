#include "app/trace/describe.h"
#include "app/trace/describe_of.h"

namespace arangosync::trace {

using WorkerCodec = Codec<engine::WorkerMachine>;

std::uint64_t fingerprint(worker::Command const& command) { return fingerprint_of(command); }
std::uint64_t fingerprint(worker::Refusal const& refusal) { return fingerprint_of(refusal); }
std::uint64_t fingerprint(worker::Event const& event) { return fingerprint_of(event); }
std::uint64_t fingerprint(worker::Effect const& effect) { return fingerprint_of(effect); }

std::string describe(worker::Command const& command) { return description_of<WorkerCodec>(command); }
std::string describe(worker::Refusal const& refusal) { return description_of<WorkerCodec>(refusal); }
std::string describe(worker::Event const& event) { return description_of<WorkerCodec>(event); }
std::string describe(worker::Effect const& effect) { return description_of<WorkerCodec>(effect); }
std::string describe(worker::State const& state) { return description_of<WorkerCodec>(state); }

}  // namespace arangosync::trace
