// Those who called this master from outside and wait for its reply: pairs CallIds with whoever is to be answered. The
// server makes ids, the engine performs Reply effects; a reply nobody waits for any more is dropped. Thread-safe.
#pragma once

#include "adapters/http/http.h"
#include "ports/peers.h"

#include <functional>
#include <memory>
#include <optional>

namespace arangosync::rest {

class Callers final : public ports::Callers {
public:
  explicit Callers(http::Io& io);
  ~Callers() override;  ///< who still waits hears nothing (his connection answers 500)

  using Answer = std::function<void(std::optional<master::ReplyBody>)>;
  /// `answer` runs once, on an Io thread; without a body if there was no reply within `timeout`.
  master::CallId expect(Duration timeout, Answer answer);
  /// There will be no reply.
  void give_up(master::CallId call);
  void perform(master::Reply const& effect) override;

private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // timers under way hold it weakly
};

}  // namespace arangosync::rest
