#include "app/engine/machines.h"

namespace arangosync::engine {

Token fresh_token(ports::EntropySource& entropy) {
  std::string digits;
  for (int word = 0; word < 4; ++word) {
    std::uint64_t const bits = entropy.draw().bits;
    for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[(bits >> shift) & 0xf];
  }
  return Token(std::move(digits));
}

template class Engine<MasterMachine>;
template class Engine<WorkerMachine>;

}  // namespace arangosync::engine
