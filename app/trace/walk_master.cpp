#include "app/trace/codec.h"
#include "app/trace/reflection.h"

namespace arangosync::trace {

using MasterCodec = Codec<engine::MasterMachine>;

template <>
void MasterCodec::walk(Sink& sink, master::Command const& value) {
  trace::walk(sink, value);
}
template <>
void MasterCodec::walk(Sink& sink, master::State const& value) {
  trace::walk(sink, value);
}
template <>
void MasterCodec::walk(Sink& sink, master::Event const& value) {
  trace::walk(sink, value);
}
template <>
void MasterCodec::walk(Sink& sink, master::Effect const& value) {
  trace::walk(sink, value);
}
template <>
void MasterCodec::walk(Sink& sink, master::Refusal const& value) {
  trace::walk(sink, value);
}

}  // namespace arangosync::trace
