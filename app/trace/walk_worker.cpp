#include "app/trace/codec.h"
#include "app/trace/reflection.h"

namespace arangosync::trace {

using WorkerCodec = Codec<engine::WorkerMachine>;

template <>
void WorkerCodec::walk(Sink& sink, worker::Command const& value) {
  trace::walk(sink, value);
}
template <>
void WorkerCodec::walk(Sink& sink, worker::State const& value) {
  trace::walk(sink, value);
}
template <>
void WorkerCodec::walk(Sink& sink, worker::Event const& value) {
  trace::walk(sink, value);
}
template <>
void WorkerCodec::walk(Sink& sink, worker::Effect const& value) {
  trace::walk(sink, value);
}
template <>
void WorkerCodec::walk(Sink& sink, worker::Refusal const& value) {
  trace::walk(sink, value);
}

}  // namespace arangosync::trace
