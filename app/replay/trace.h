// Everything that happens in a simulated run, in order: hashed always, printed on request.
//
// Two runs of one seed must have equal hashes; the printed lines of two differing runs show where they part. A run
// that nothing is compared with need not be hashed.
#pragma once

#include "adapters/sim/world.h"
#include "app/replay/recordings.h"

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

namespace arangosync::replay {

class Trace {
public:
  /// `out`: where lines go, null for nowhere.
  Trace(sim::World const& world, std::ostream* out) : world_(world), out_(out) {}

  /// To be called before anything happens: what machines do is only noted if it is printed.
  void leave_unhashed() { is_hashed_ = false; }
  /// Somebody looks at what machines do.
  bool is_wanted() const { return is_hashed_ || out_ != nullptr; }

  /// `kind` is one word: command, refusal, event, effect, save, fault, … `text` is only called when lines are printed.
  void note(std::string const& who, char const* kind, std::uint64_t fingerprint,
            std::function<std::string()> const& text);
  /// Something that is not a machine's doing, e.g. a fault; always printed as it is.
  void note(std::string const& who, char const* kind, std::string const& text);

  /// From now on every daemon that starts leaves its own trace there.
  void record(Recordings& recordings) { recordings_ = &recordings; }
  /// Null: nobody asked.
  Recordings* recordings() const { return recordings_; }

  std::uint64_t hash() const { return hash_; }
  std::uint64_t entries() const { return entries_; }

private:
  void fold(std::uint64_t word) { hash_ = (hash_ ^ word) * 0x100000001b3ULL ^ (hash_ >> 31); }
  void print(std::string const& who, char const* kind, std::string const& text);

  sim::World const& world_;
  std::ostream* out_;
  bool is_hashed_ = true;
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::uint64_t entries_ = 0;
  Recordings* recordings_ = nullptr;
};

}  // namespace arangosync::replay
