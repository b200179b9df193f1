#include "app/engine/machines.h"

namespace arangosync::engine {

template class Engine<MasterMachine>;
template class Engine<WorkerMachine>;

}  // namespace arangosync::engine
