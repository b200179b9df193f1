// The headers of a wal/tail answer: any texts give a position or nothing; a position never goes back.
// An input is the status code in its first line, then "name: value" per line.
#include "adapters/cluster/log_answer.h"
#include "domain/base/check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace arangosync;
  std::string_view rest(reinterpret_cast<char const*>(data), size);
  auto const next_line = [&rest] {
    auto const line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    return line;
  };
  http::Response response;
  response.status = std::atoi(std::string(next_line()).c_str());
  while (!rest.empty()) {
    auto const line = next_line();
    auto const colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    response.headers.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
  }
  auto const headers = cluster::parse_log_headers(response);
  if (!headers) return 0;
  for (cluster::LogPosition const asked : {cluster::LogPosition{Tick(0), Tick(0)}, {Tick(1000), Tick(1000)}}) {
    auto const judged = cluster::judge_history(asked, response.status, *headers);
    DC_ASSERT(asked.from != Tick(0) || judged == cluster::History::Complete);
    DC_ASSERT(cluster::advance(asked, *headers).from >= asked.from);
  }
  return 0;
}
