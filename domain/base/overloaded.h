// The visitor of closed variants. A catch-all `auto const&` arm is banned in evolve and react (tests/tidy).
#pragma once

namespace arangosync {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;  // clang 14 needs the guide

}  // namespace arangosync
