// Draws what a machine hears and asks for as a Mermaid sequence diagram (https://mermaid.js.org), for bug reports.
//
// An observer of a replay. Who is spoken to follows from the port that performs an effect, who speaks from the request
// that a command answers; so a new command or effect needs no line here.
#pragma once

#include "app/engine/machines.h"
#include "app/engine/name_of.h"
#include "ports/master_store.h"
#include "ports/peers.h"
#include "ports/queue.h"
#include "ports/source_cluster.h"
#include "ports/target_cluster.h"

#include <cstdint>
#include <deque>
#include <map>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace arangosync::trace {

/// Who performs this effect; the machine itself for timers and the like.
template <class Effect>
constexpr std::string_view addressee() {
  if constexpr (requires(ports::MasterStore & port, Effect const& effect) { port.perform(effect); }) {
    return "agency";
  } else if constexpr (requires(ports::OwnWorkers & port, Effect const& effect) { port.perform(effect); }) {
    return "workers";
  } else if constexpr (requires(ports::RemoteMasters & port, Effect const& effect) { port.perform(effect); }) {
    return "other datacenter";
  } else if constexpr (requires(ports::Callers & port, Effect const& effect) { port.perform(effect); }) {
    return "callers";
  } else if constexpr (requires(ports::ClusterControl & port, Effect const& effect) { port.perform(effect); }) {
    return "cluster";
  } else if constexpr (requires(ports::CertificateMaker & port, Effect const& effect) { port.perform(effect); }) {
    return "certificates";
  } else if constexpr (requires(ports::OwnMaster & port, Effect const& effect) { port.perform(effect); }) {
    return "master";
  } else if constexpr (requires(ports::SourceCluster & port, Effect const& effect) { port.perform(effect); }) {
    return "source cluster";
  } else if constexpr (requires(ports::TargetCluster & port, Effect const& effect) { port.perform(effect); }) {
    return "target cluster";
  } else if constexpr (requires(ports::Queue & port, Effect const& effect) { port.perform(effect); }) {
    return "queue";
  } else {
    return {};
  }
}

/// The last messages of a replay.
class Messages {
public:
  explicit Messages(std::size_t messages_max) : messages_max_(messages_max) {}
  void add(std::string_view from, std::string_view to, std::string text);
  void note(std::string_view at, std::string text);
  /// `self` is drawn first.
  void print(std::ostream& out, std::string_view self) const;

private:
  struct Message {
    std::string from;
    std::string to;  ///< empty: a note
    std::string text;
  };
  void keep(Message message);

  std::size_t const messages_max_;
  std::deque<Message> messages_;
  std::uint64_t dropped_ = 0;
};

template <class Machine>
class SequenceDiagram final : public engine::Observer<Machine> {
public:
  using Command = typename Machine::Command;
  using Effect = typename Machine::Effect;

  /// `self` is the name of the machine.
  explicit SequenceDiagram(std::string self, std::size_t messages_max = 200)
      : self_(std::move(self)), messages_(messages_max) {}

  void on_command(Envelope<Command> const& command, typename Machine::State const&) override {
    std::visit([this, &command](auto const& body) { this->heard(engine::name_of(command.body), body); }, command.body);
  }
  void on_refusal(Envelope<Command> const& command, typename Machine::Refusal const&) override {
    messages_.note(self_, "refuses " + engine::name_of(command.body));
  }
  void on_decided(std::span<Effect const> effects) override {
    for (Effect const& effect : effects) {
      std::visit([this, &effect](auto const& body) { this->asked(engine::name_of(effect), body); }, effect);
    }
  }
  void print(std::ostream& out) const { messages_.print(out, self_); }

private:
  template <class Body>
  void heard(std::string const& name, Body const& body) {
    if constexpr (requires { body.request; }) {
      auto const asked = open_.find(body.request);
      messages_.add(asked == open_.end() ? std::string_view("asked before") : asked->second, self_,
                    name + failure(body));
      if (asked != open_.end()) open_.erase(asked);
    } else if constexpr (requires { body.channel; }) {
      messages_.add("queue", self_, name + " " + body.channel.value());
    } else if constexpr (requires { body.call; }) {
      messages_.add("callers", self_, name);
    } else if constexpr (requires { body.timer; }) {
      messages_.note(self_, name + " " + body.timer.value());
    } else if constexpr (requires { body.task; }) {
      messages_.add("master", self_, name + " " + body.task.value());
    } else {
      messages_.note(self_, name);
    }
  }
  template <class Body>
  static std::string failure(Body const& body) {
    if constexpr (requires { body.outcome.error().message; }) {
      return body.outcome ? "" : " failed: " + body.outcome.error().message;
    } else {
      return {};
    }
  }
  template <class Body>
  void asked(std::string const& name, Body const& body) {
    constexpr std::string_view to = addressee<Body>();
    if constexpr (!to.empty()) {
      if constexpr (requires { body.request; }) {
        std::optional<RequestId> const request = body.request;
        if (request) open_.insert_or_assign(*request, to);
      }
      messages_.add(self_, to, name);
    }
  }

  std::string const self_;
  Messages messages_;
  std::map<RequestId, std::string_view> open_;  ///< who was asked
};

}  // namespace arangosync::trace
