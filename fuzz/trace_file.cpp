// A trace file of any content is read to its end or refused; a command that is read, once its secrets are redacted, is
// read back as it is.
#include "app/trace/codec.h"
#include "app/trace/reader.h"
#include "domain/base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

using namespace arangosync;

namespace {

template <class Machine>
using Command = typename Machine::Command;

template <class Machine>
Command<Machine> read_back(Command<Machine> const& command, trace::Redactor& redactor) {
  std::string text;
  trace::Codec<Machine>::encode(text, command, redactor);
  auto again = trace::Codec<Machine>::decode_command(text);
  DC_ASSERT(again.has_value());
  return *std::move(again);
}

template <class Machine>
void read_command(std::string_view text) {
  auto const command = trace::Codec<Machine>::decode_command(text);
  if (!command) return;
  trace::Redactor redactor;
  auto const redacted = read_back<Machine>(*command, redactor);
  auto const again = read_back<Machine>(redacted, redactor);
  DC_ASSERT(trace::Codec<Machine>::digest(again, redactor) == trace::Codec<Machine>::digest(redacted, redactor));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  auto reader = trace::Reader::open(text);
  if (!reader) return 0;
  static_cast<void>(trace::Codec<engine::MasterMachine>::decode_state(reader->state().state));
  static_cast<void>(trace::Codec<engine::WorkerMachine>::decode_state(reader->state().state));
  for (auto step = reader->next(); step && *step; step = reader->next()) {
    read_command<engine::MasterMachine>((*step)->line.command);
    read_command<engine::WorkerMachine>((*step)->line.command);
  }
  return 0;
}
