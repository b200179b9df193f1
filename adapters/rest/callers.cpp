#include "adapters/rest/callers.h"

#include <map>
#include <mutex>

namespace arangosync::rest {

struct Callers::Impl {
  explicit Impl(http::Io& io_in) : io(io_in) {}

  void finish(master::CallId call, std::optional<master::ReplyBody> body) {
    Answer answer;
    {
      std::lock_guard const lock(mutex);
      auto const found = waiting.find(call);
      if (found == waiting.end()) return;
      answer = std::move(found->second);
      waiting.erase(found);
    }
    // The engine's strand calls us; what the answer costs is not its business.
    io.post([answer = std::move(answer), body = std::move(body)] { answer(body); });
  }

  http::Io& io;
  std::mutex mutex;
  master::CallId last;
  std::map<master::CallId, Answer> waiting;
};

Callers::Callers(http::Io& io) : impl_(std::make_shared<Impl>(io)) {}
Callers::~Callers() = default;

master::CallId Callers::expect(Duration timeout, Answer answer) {
  master::CallId call;
  {
    std::lock_guard const lock(impl_->mutex);
    call = impl_->last = impl_->last.next();
    impl_->waiting.emplace(call, std::move(answer));
  }
  impl_->io.post_after(timeout, [weak = std::weak_ptr(impl_), call] {
    if (auto const impl = weak.lock()) impl->finish(call, std::nullopt);
  });
  return call;
}

void Callers::give_up(master::CallId call) { impl_->finish(call, std::nullopt); }

void Callers::perform(master::Reply const& effect) { impl_->finish(effect.call, effect.body); }

}  // namespace arangosync::rest
