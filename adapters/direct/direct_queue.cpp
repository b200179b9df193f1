#include "adapters/direct/direct_queue.h"

#include "adapters/direct/publisher.h"
#include "adapters/direct/subscriber.h"

namespace arangosync::direct {

struct DirectQueue::Impl {
  std::shared_ptr<Publisher> publisher;  // shared with the encoding jobs under way
  Subscriber subscriber;
};

DirectQueue::DirectQueue(http::Io& io, ChannelStore& store, ports::Inbox<worker::Command>& inbox, ports::Clock& clock,
                         ports::EntropySource& entropy, ports::Telemetry& telemetry, DirectOptions options)
    : impl_(new Impl{std::make_shared<Publisher>(io, store, inbox),
                     Subscriber(io, inbox, clock, entropy, telemetry, options)}) {}

DirectQueue::~DirectQueue() { impl_->publisher->stop(); }

void DirectQueue::perform(worker::Subscribe const& effect) { impl_->subscriber.subscribe(effect); }
void DirectQueue::perform(worker::Unsubscribe const& effect) { impl_->subscriber.unsubscribe(effect.channel); }
void DirectQueue::perform(worker::Commit const& effect) { impl_->subscriber.commit(effect.channel, effect.offset); }
void DirectQueue::perform(worker::Publish const& effect) { impl_->publisher->publish(effect); }
void DirectQueue::perform(worker::DropChannel const& effect) { impl_->publisher->drop(effect.channel); }

}  // namespace arangosync::direct
