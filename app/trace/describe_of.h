// The bodies of describe.h, for the .cpp files that instantiate them.
#pragma once

#include "app/trace/codec.h"
#include "app/trace/reflection.h"
#include "app/trace/text.h"

namespace arangosync::trace {

template <class T>
std::uint64_t fingerprint_of(T const& value) {
  HashSink sink;
  walk(sink, value);
  return sink.hash();
}
template <class MachineCodec, class T>
std::string description_of(T const& value) {
  Redactor redactor;
  TextSink sink(redactor);
  MachineCodec::walk(sink, value);
  return sink.take();
}

}  // namespace arangosync::trace
