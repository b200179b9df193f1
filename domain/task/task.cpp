#include "domain/task/task.h"

#include "domain/base/check.h"

namespace arangosync::task {

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::SendInventory:
      return "send-inventory";
    case Kind::ReceiveInventory:
      return "receive-inventory";
    case Kind::SendShard:
      return "send-shard";
    case Kind::ReceiveShard:
      return "receive-shard";
  }
  DC_ASSERT(false);
  return "";
}

}  // namespace arangosync::task
