#include "adapters/http/io_impl.h"

#include "domain/base/check.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace arangosync::http {

namespace {
thread_local Io::Impl const* own_loop = nullptr;
}

Io::Impl::Impl(unsigned thread_count)
    : context(static_cast<int>(thread_count)), work(boost::asio::make_work_guard(context)) {
  DC_ASSERT(thread_count > 0);
  for (unsigned i = 0; i < thread_count; ++i) {
    threads.emplace_back([this] {
      own_loop = this;
      context.run();
    });
  }
}

Io::Impl::~Impl() {
  DC_ASSERT(!on_own_thread());
  context.stop();
  for (auto& thread : threads) thread.join();
}

bool Io::Impl::on_own_thread() const { return own_loop == this; }

Io::Io(unsigned threads) : impl_(std::make_unique<Impl>(threads)) {}

Io::~Io() = default;

void Io::post(std::function<void()> work) { boost::asio::post(impl_->context, std::move(work)); }

void Io::post_after(Duration delay, std::function<void()> work) {
  auto timer = std::make_shared<boost::asio::steady_timer>(impl_->context, delay);
  timer->async_wait([timer, work = std::move(work)](boost::system::error_code error) {
    if (!error) work();
  });
}

}  // namespace arangosync::http
