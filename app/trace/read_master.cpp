#include "app/trace/codec.h"
#include "app/trace/decode.h"
#include "app/trace/schema.h"

namespace arangosync::trace {

using MasterCodec = Codec<engine::MasterMachine>;

template <>
std::string const& MasterCodec::schema() {
  static std::string const text = schema_of<master::Command, master::State>();
  return text;
}
template <>
Expected<master::Command, std::string> MasterCodec::decode_command(std::string_view text) {
  return decoded<master::Command>(text);
}
template <>
Expected<master::State, std::string> MasterCodec::decode_state(std::string_view text) {
  return decoded<master::State>(text);
}

}  // namespace arangosync::trace
