#include "adapters/rest/questions.h"

#include <mutex>
#include <optional>
#include <utility>

namespace arangosync::rest {

struct Questions::Ticket {
  struct Content {
    Look look;
    GiveUp give_up;
  };

  Ticket(std::shared_ptr<std::atomic<std::size_t>> open_in, Content content_in)
      : open(std::move(open_in)), content(std::move(content_in)) {}
  ~Ticket() { --*open; }

  /// What the ticket holds, to whoever comes first.
  std::optional<Content> take() {
    std::lock_guard const lock(mutex);
    return std::exchange(content, std::nullopt);
  }

  std::shared_ptr<std::atomic<std::size_t>> const open;
  std::mutex mutex;
  std::optional<Content> content;
};

Questions::Questions(http::Io& io, std::function<void(std::function<void(master::State const&)>)> query,
                     std::function<bool()> is_running)
    : io_(io),
      query_(std::move(query)),
      is_running_(std::move(is_running)),
      open_(std::make_shared<std::atomic<std::size_t>>(0)) {}

void Questions::ask(Duration patience, Look look, GiveUp give_up) {
  bool const is_running = !is_running_ || is_running_();
  if (!is_running || *open_ >= open_max) {
    io_.post(std::move(give_up));
    return;
  }
  ++*open_;
  // Shared by the engine's queue and the timer; the timer does not keep it alive.
  auto const ticket = std::make_shared<Ticket>(open_, Ticket::Content{std::move(look), std::move(give_up)});
  io_.post_after(patience, [weak = std::weak_ptr(ticket)] {
    auto const late = weak.lock();
    if (!late) return;
    if (auto const content = late->take()) content->give_up();
  });
  query_([ticket](master::State const& state) {
    if (auto const content = ticket->take()) content->look(state);
  });
}

}  // namespace arangosync::rest
