// decode(encode(x)) == x for every alternative of a machine's commands and for states, with arbitrary content. Secrets
// come back redacted, documents without content; redacted once, a value comes back exactly.
#pragma once

#include "app/trace/codec.h"
#include "app/trace/reflection.h"
#include "tests/app/trace/arbitrary.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace arangosync::trace {

template <class Machine>
struct CodecLaws {
  using Command = typename Machine::Command;
  using State = typename Machine::State;
  static constexpr int rounds = 40;

  template <class T>
  static std::uint64_t traced(T const& value) {
    Redactor redactor;
    return Codec<Machine>::digest(value, redactor);
  }
  template <class T>
  static std::uint64_t exactly(T const& value) {
    HashSink sink;
    walk(sink, value);
    return sink.hash();
  }
  template <class T>
  static std::string encoded(T const& value) {
    Redactor redactor;
    std::string text;
    Codec<Machine>::encode(text, value, redactor);
    return text;
  }
  static Expected<Command, std::string> decoded(Command const&, std::string const& text) {
    return Codec<Machine>::decode_command(text);
  }
  static Expected<State, std::string> decoded(State const&, std::string const& text) {
    return Codec<Machine>::decode_state(text);
  }

  template <class T>
  static void is_read_back(T const& value) {
    std::string const text = encoded(value);
    ASSERT_EQ(text.find('\n'), std::string::npos) << text;
    auto const once = decoded(value, text);
    ASSERT_TRUE(once.has_value()) << once.error() << "\n" << text;
    EXPECT_EQ(traced(*once), traced(value)) << text;
    auto const twice = decoded(value, encoded(*once));
    ASSERT_TRUE(twice.has_value()) << twice.error();
    EXPECT_EQ(exactly(*twice), exactly(*once)) << text;
    EXPECT_EQ(encoded(*twice), text);
  }

  template <std::size_t I>
  static void alternative_is_read_back() {
    for (std::uint64_t seed = 0; seed < rounds; ++seed) {
      Chance draw(Entropy{seed * 1000 + I});
      Command command;
      fill(draw, command.template emplace<I>());
      is_read_back(command);
      if (testing::Test::HasFailure()) return;
    }
  }
  static void every_command_is_read_back() {
    []<std::size_t... I>(std::index_sequence<I...>) { (alternative_is_read_back<I>(), ...); }
    (std::make_index_sequence<std::variant_size_v<Command>>());
  }
  static void every_state_is_read_back() {
    for (std::uint64_t seed = 0; seed < rounds; ++seed) {
      Chance draw(Entropy{seed});
      State state;
      fill(draw, state);
      is_read_back(state);
      auto const once = decoded(state, encoded(state));
      ASSERT_TRUE(once.has_value());
      EXPECT_EQ(*once, *decoded(state, encoded(*once)));
      if (testing::Test::HasFailure()) return;
    }
  }

  static void broken_text_is_refused() {
    std::uint64_t refused = 0;
    for (std::uint64_t seed = 0; seed < rounds; ++seed) {
      Chance draw(Entropy{seed});
      Command command;
      fill(draw, command);
      std::string const text = encoded(command);
      for (std::size_t length = 0; length < text.size(); ++length) {
        auto const cut = Codec<Machine>::decode_command(text.substr(0, length));
        ASSERT_FALSE(cut.has_value()) << text.substr(0, length);
        EXPECT_NE(cut.error().find("column"), std::string::npos) << cut.error();
      }
      std::string damaged = text;
      damaged[draw.below(damaged.size())] = static_cast<char>(draw.below(256));
      refused += Codec<Machine>::decode_command(damaged).has_value() ? 0U : 1U;
    }
    EXPECT_GT(refused, 0U);  // most damage is seen at once; that in a number or a text is seen by where it leads
    EXPECT_FALSE(Codec<Machine>::decode_command("NoSuchCommand{}").has_value());
  }

  static void the_schema_names_everything() {
    std::string const& schema = Codec<Machine>::schema();
    EXPECT_EQ(schema.find("{:"), std::string::npos) << "a field without a name: " << schema;
    EXPECT_EQ(schema.find(",:"), std::string::npos) << "a field without a name: " << schema;
    EXPECT_NE(schema.find("fault_class:FaultClass(Retry,Refresh,NotFound,Denied,Permanent,)"), std::string::npos)
        << schema;
  }
};

}  // namespace arangosync::trace
