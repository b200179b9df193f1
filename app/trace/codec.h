// How the values of the two root machines look in a trace, and how they are read back.
//
// Used by recorder.h (which writes traces) and app/replay (which reads and prints them). Everything follows from the
// types by reflection; decode(encode(x)) == x but for secrets and documents, which are not in a trace: of a secret its
// digest is read back (redaction.h), of a document its size and checksum. Hides the reflection, which is slow to
// compile, in walk_*.cpp and read_*.cpp.
#pragma once

#include "app/engine/machines.h"
#include "app/trace/encode.h"
#include "app/trace/hash.h"
#include "app/trace/redaction.h"
#include "app/trace/sink.h"
#include "domain/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace arangosync::trace {

template <class Machine>
struct Codec {
  using Command = typename Machine::Command;
  using State = typename Machine::State;
  using Event = typename Machine::Event;
  using Effect = typename Machine::Effect;
  using Refusal = typename Machine::Refusal;

  /// What commands and states are made of, down to the last field.
  static std::string const& schema();

  /// Tell `sink` of every piece.
  static void walk(Sink& sink, Command const& value);
  static void walk(Sink& sink, State const& value);
  static void walk(Sink& sink, Event const& value);
  static void walk(Sink& sink, Effect const& value);
  static void walk(Sink& sink, Refusal const& value);

  /// Back from encoded text. The error says what was expected at which column.
  static Expected<Command, std::string> decode_command(std::string_view text);
  static Expected<State, std::string> decode_state(std::string_view text);

  /// Appends a command or state to `line`.
  template <class T>
  static void encode(std::string& line, T const& value, Redactor& redactor) {
    EncodeSink sink(line, redactor);
    walk(sink, value);
  }
  /// Equal for a value and for what is read back of it.
  template <class T>
  static std::uint64_t digest(T const& value, Redactor& redactor) {
    TracedHashSink sink(redactor);
    walk(sink, value);
    return sink.hash();
  }
};

}  // namespace arangosync::trace
