// Serving a request at whichever master leads: a master that does not lead passes it on once, as the real ones do
// (spec arangosync-api 8). Used by the simulated peers and queue.
#pragma once

#include "adapters/sim/directory.h"
#include "adapters/sim/network.h"

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

namespace arangosync::sim {

enum class Forwarding { Once, Never };

/// How long a master waits for the leader that it has forwarded a call to.
inline constexpr Duration forward_timeout = std::chrono::seconds(6);

/// To be called when a request has arrived at the node of `endpoint`. `answer` hears nothing if nobody listens there;
/// it may never be called if a process dies on the way.
template <class Answer>
void at_leader(Network& network, Directory const& directory, Url const& endpoint,
               std::function<void(MasterDoor const&, std::function<void(std::optional<Answer>)>)> work,
               std::function<void(std::optional<Answer>)> answer, Forwarding forwarding = Forwarding::Once) {
  MasterDoor const* const door = directory.master(endpoint);
  if (door == nullptr) return answer(std::nullopt);
  Process* const process = door->process;
  process->enter(
      [&network, &directory, endpoint, work = std::move(work), answer = std::move(answer), forwarding, process] {
        MasterDoor const* const here = directory.master(endpoint);
        if (here == nullptr || here->process != process) return answer(std::nullopt);
        std::optional<Url> leader;
        if (forwarding == Forwarding::Once) leader = here->leader();
        if (!leader || *leader == endpoint || !directory.knows(*leader)) return work(*here, answer);
        network.call<std::optional<Answer>>(
            *process, directory.node(*leader), forward_timeout,
            [&network, &directory, leader, work](std::function<void(std::optional<Answer>)> told) {
              at_leader<Answer>(network, directory, *leader, work, told, Forwarding::Never);
            },
            [answer](std::optional<std::optional<Answer>> got) { answer(got ? std::move(*got) : std::nullopt); });
      });
}

}  // namespace arangosync::sim
