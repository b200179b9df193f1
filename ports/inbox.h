// The one way into an engine: adapters post commands, the engine's strand takes them in order.
#pragma once

namespace arangosync::ports {

template <class Command>
class Inbox {
public:
  virtual ~Inbox() = default;
  /// Thread-safe in daemons; never blocks; never runs the command on the caller's stack.
  virtual void post(Command command) = 0;
};

}  // namespace arangosync::ports
