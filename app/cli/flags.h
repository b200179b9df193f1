// The flags of one command, bound to the fields of its value. With command_line.cpp the only file that knows CLI11;
// only that one includes it.
//
// Flags are bound as plain texts; what a text must look like is checked here, in our own words, because the library's
// messages repeat the values, which may be secrets.
#pragma once

#include "app/cli/command_line.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::cli {

using FlagProblem = std::optional<std::string>;

/// Binds the flags of one command. The checks run in order once the command is chosen; the first problem is reported.
class Flags {
public:
  explicit Flags(CLI::App& app) : app_(app) {}

  CLI::Option* text(std::string const& names, std::string& to, std::string const& help) {
    return app_.add_option(names, to, help)->type_name("TEXT")->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  void file(std::string const& names, std::string& to, std::string const& help) {
    text(names, to, help)->type_name("FILE");
  }

  void folder(std::string const& names, std::string& to, std::string const& help) {
    text(names, to, help)->type_name("FOLDER");
  }

  void file_or_default(std::string const& names, std::string& to, std::string const& preset, std::string const& help) {
    to = preset;
    text(names, to, help + " [" + preset + "]")->type_name("FILE");
  }

  void texts(std::string const& names, std::vector<std::string>& to, std::string const& help) {
    app_.add_option(names, to, help)->type_name("LIST")->take_all()->allow_extra_args(false)->delimiter(',');
    checks_.push_back([&to]() -> FlagProblem {
      std::erase(to, std::string());
      return std::nullopt;
    });
  }

  /// Words without a flag, as many as there are.
  void words(std::string const& name, std::vector<std::string>& to, std::string const& help) {
    app_.add_option(name, to, help)->type_name("FILE");
  }

  void flag(std::string const& names, bool& to, std::string const& help) {
    app_.add_flag(names, to, help)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }

  void ignored_flag(std::string const& names, std::string const& help) {
    static bool nobody_reads = false;
    flag(names, nobody_reads, help);
  }

  void duration(std::string const& name, Duration& to, std::string const& help) {
    auto* raw = raw_text(name, help)->type_name("DURATION");
    with_value(raw, [&to, name](std::string const& value) -> FlagProblem {
      auto const parsed = parse_duration(value);
      if (!parsed) return name + " " + parsed.error();
      if (*parsed <= Duration{0}) return name + " needs a duration greater than zero";
      to = *parsed;
      return std::nullopt;
    });
  }

  template <class Number>
  CLI::Option* number(std::string const& name, Number& to, std::uint32_t least, std::uint32_t most,
                      std::string const& help) {
    auto* raw = raw_text(name, help)->type_name("NUMBER");
    with_value(raw, [&to, name, least, most](std::string const& value) -> FlagProblem {
      std::uint32_t parsed = 0;
      auto const [end, failed] = std::from_chars(value.data(), value.data() + value.size(), parsed);
      if (failed != std::errc{} || end != value.data() + value.size() || parsed < least || parsed > most) {
        return name + " needs a number from " + std::to_string(least) + " to " + std::to_string(most);
      }
      to = static_cast<Number>(parsed);
      return std::nullopt;
    });
    return raw;
  }

  void port(std::uint16_t& to) {
    number("--server.port", to, 1, 65535, "Port to listen on [" + std::to_string(to) + "]");
  }

  void endpoints(std::string const& name, std::vector<http::Endpoint>& to, std::uint16_t port,
                 std::string const& help) {
    auto& raw = lists_.emplace_back();
    texts(name, raw, help);
    checks_.push_back([&raw, &to, name, port]() -> FlagProblem {
      for (auto const& text : raw) {
        auto const endpoint = http::parse_endpoint(text, port);
        if (!endpoint) return name + ": " + endpoint.error();
        to.push_back(*endpoint);
      }
      return std::nullopt;
    });
  }

  /// As above, of masters.
  void masters(std::string const& name, std::vector<http::Endpoint>& to, std::string const& help) {
    endpoints(name, to, 8629, help + "; port 8629 if none is given");
    demand_tls(name, [&to] { return to; });
  }

  void endpoint(std::string const& name, http::Endpoint& to, std::uint16_t port, std::string const& help) {
    auto* raw = raw_text(name, help)->type_name("URL");
    with_value(raw, [&to, name, port](std::string const& value) -> FlagProblem {
      if (value.empty()) return std::nullopt;  // as if it were not given
      auto const endpoint = http::parse_endpoint(value, port);
      if (!endpoint) return name + ": " + endpoint.error();
      to = *endpoint;
      return std::nullopt;
    });
  }

  /// Masters and workers speak TLS only, and are shown credentials. This machine excepted: the end of a tunnel, say.
  void demand_tls(std::string const& name, std::function<std::vector<http::Endpoint>()> endpoints) {
    checks_.push_back([name, endpoints = std::move(endpoints)]() -> FlagProblem {
      for (auto const& one : endpoints()) {
        if (one.tls || one.host.empty() || http::is_loopback(one.host)) continue;
        return name + ": " + http::to_url(one) +
               " would show credentials to the network; masters and workers listen by https://";
      }
      return std::nullopt;
    });
  }

  void secret(std::string const& prefix, SecretSource& to, std::string const& help) {
    text(prefix + ".jwt-secret", to.file, help)->type_name("FILE");
    text(prefix + ".jwtSecret", to.file_or_literal, "The same; also takes the secret itself if no such file exists");
    checks_.push_back([&to, prefix]() -> FlagProblem {
      if (to.file.empty() || to.file_or_literal.empty()) return std::nullopt;
      return "Both " + prefix + ".jwt-secret and " + prefix + ".jwtSecret are given; leave one out";
    });
  }

  void log_level(ports::LogLevel& to) {
    auto* raw = raw_text("--log.level", "debug, info, warn, error or fatal [info]")->type_name("LEVEL");
    with_value(raw, [&to](std::string const& value) -> FlagProblem {
      auto const level = telemetry::parse_log_level(value);
      if (!level) return std::string("--log.level needs one of debug, info, warn, error, fatal");
      to = *level;
      return std::nullopt;
    });
  }

  void check(std::function<FlagProblem()> check) { checks_.push_back(std::move(check)); }

  /// The command fails without this flag. `why` completes "Missing --flag: ".
  void demand(std::string const& name, std::string const& why) {
    auto* option = app_.get_option(name);
    option->description(option->get_description() + " (required)");
    checks_.push_back([option, name, why]() -> FlagProblem {
      auto const given = option->count() > 0 && option->results() != std::vector<std::string>{""};
      if (given) return std::nullopt;
      return "Missing " + name + ": " + why;
    });
  }

  FlagProblem first_problem() const {
    for (auto const& check : checks_) {
      if (auto problem = check()) return problem;
    }
    return std::nullopt;
  }

private:
  CLI::Option* raw_text(std::string const& name, std::string const& help) {
    return text(name, raws_.emplace_back(), help);
  }

  void with_value(CLI::Option* option, std::function<FlagProblem(std::string const&)> take) {
    checks_.push_back([option, take = std::move(take)]() -> FlagProblem {
      if (option->count() == 0) return std::nullopt;
      return take(option->results().back());
    });
  }

  CLI::App& app_;
  std::deque<std::string> raws_;
  std::deque<std::vector<std::string>> lists_;
  std::vector<std::function<FlagProblem()>> checks_;
};

}  // namespace arangosync::cli
