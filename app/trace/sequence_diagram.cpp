#include "app/trace/sequence_diagram.h"

#include <vector>

namespace arangosync::trace {

namespace {

constexpr std::size_t text_bytes_max = 100;

/// Mermaid ends a message at ';' and reads '#' as the start of a character's number.
std::string drawable(std::string_view text) {
  std::string clean;
  for (char const c : text.substr(0, text_bytes_max)) {
    bool const is_plain = c != ';' && c != '#' && c != '\n' && c != '\r';
    clean += is_plain ? c : ' ';
  }
  return clean;
}

}  // namespace

void Messages::add(std::string_view from, std::string_view to, std::string text) {
  keep({std::string(from), std::string(to), std::move(text)});
}

void Messages::note(std::string_view at, std::string text) { keep({std::string(at), {}, std::move(text)}); }

void Messages::keep(Message message) {
  messages_.push_back(std::move(message));
  if (messages_.size() <= messages_max_) return;
  messages_.pop_front();
  ++dropped_;
}

void Messages::print(std::ostream& out, std::string_view self) const {
  std::vector<std::string> names{std::string(self)};
  std::map<std::string, std::string, std::less<>> letters{{names.front(), "p0"}};
  auto const enter = [&](std::string const& name) {
    if (name.empty() || letters.contains(name)) return;
    letters.emplace(name, "p" + std::to_string(names.size()));
    names.push_back(name);
  };
  for (Message const& message : messages_) {
    enter(message.from);
    enter(message.to);
  }
  out << "sequenceDiagram\n";
  if (dropped_ > 0)
    out << "  %% the last " << messages_.size() << " of " << messages_.size() + dropped_ << " messages\n";
  for (std::string const& name : names) out << "  participant " << letters[name] << " as " << drawable(name) << '\n';
  for (Message const& message : messages_) {
    if (message.to.empty()) {
      out << "  Note over " << letters[message.from] << ": " << drawable(message.text) << '\n';
    } else {
      out << "  " << letters[message.from] << "->>" << letters[message.to] << ": " << drawable(message.text) << '\n';
    }
  }
}

}  // namespace arangosync::trace
