// Every body the REST API takes or gets is read without harm, and what was read can be written and read again.
#include "adapters/direct/lookup.h"
#include "adapters/rest/forms.h"
#include "adapters/rest/router.h"
#include "domain/base/check.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace arangosync;

template <class T>
void again(rest::Read<T> const& value, rest::Read<T> (*read)(std::string_view)) {
  if (!value) {
    DC_ASSERT(!value.error().empty());
    return;
  }
  auto const second = read(rest::to_json(*value));
  DC_ASSERT(second.has_value());
}

template <class T>
void once(rest::Read<T> const& value) {
  DC_ASSERT(value.has_value() || !value.error().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  again(rest::read_version(text), &rest::read_version);
  again(rest::read_status(text), &rest::read_status);
  again(rest::read_configure(text), &rest::read_configure);
  again(rest::read_stop(text), &rest::read_stop);
  again(rest::read_stopping(text), &rest::read_stopping);
  again(rest::read_registration_request(text), &rest::read_registration_request);
  again(rest::read_task_order(text), &rest::read_task_order);
  again(rest::read_tasks(text), &rest::read_tasks);
  again(rest::read_status_entries(text), &rest::read_status_entries);
  again(rest::read_outgoing(text), &rest::read_outgoing);
  again(rest::read_queue(text), &rest::read_queue);
  again(rest::read_token(text), &rest::read_token);
  again(rest::read_token_replacement(text), &rest::read_token_replacement);
  once(rest::read_message_timeout(text));
  once(rest::read_masters(text));
  once(rest::read_endpoints(text));
  once(rest::read_registered(text));
  once(rest::read_workers(text));
  once(rest::read_worker_configuration(text));
  once(rest::read_configure_worker(text));
  once(rest::read_channels(text));
  once(rest::read_prefix(text));
  again(rest::read_inventory_report(text), &rest::read_inventory_report);
  once(rest::read_completed(text));
  once(direct::channel_place(text));
  DC_ASSERT(!rest::error_text(text, 500).empty());
  return 0;
}
