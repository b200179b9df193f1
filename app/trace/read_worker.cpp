#include "app/trace/codec.h"
#include "app/trace/decode.h"
#include "app/trace/schema.h"

namespace arangosync::trace {

using WorkerCodec = Codec<engine::WorkerMachine>;

template <>
std::string const& WorkerCodec::schema() {
  static std::string const text = schema_of<worker::Command, worker::State>();
  return text;
}
template <>
Expected<worker::Command, std::string> WorkerCodec::decode_command(std::string_view text) {
  return decoded<worker::Command>(text);
}
template <>
Expected<worker::State, std::string> WorkerCodec::decode_state(std::string_view text) {
  return decoded<worker::State>(text);
}

}  // namespace arangosync::trace
