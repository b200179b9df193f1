#include "app/replay/trace.h"

#include "domain/base/blob.h"

#include <chrono>
#include <iomanip>

namespace arangosync::replay {

void Trace::note(std::string const& who, char const* kind, std::uint64_t fingerprint,
                 std::function<std::string()> const& text) {
  ++entries_;
  fold(static_cast<std::uint64_t>(world_.now().since_start().count()));
  fold(fnv1a_64(who));
  fold(fnv1a_64(kind));
  fold(fingerprint);
  if (out_ != nullptr) print(who, kind, text());
}

void Trace::note(std::string const& who, char const* kind, std::string const& text) {
  note(who, kind, fnv1a_64(text), [&] { return text; });
}

void Trace::print(std::string const& who, char const* kind, std::string const& text) {
  auto const since = std::chrono::duration_cast<std::chrono::microseconds>(world_.now().since_start()).count();
  *out_ << since / 1'000'000 << '.' << std::setw(6) << std::setfill('0') << since % 1'000'000 << ' ' << who << ' '
        << kind << ' ' << text << '\n';
}

}  // namespace arangosync::replay
