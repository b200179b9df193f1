// A trace in memory: of a simulated process, or of a test.
#pragma once

#include "ports/trace.h"

#include <string>
#include <utility>
#include <vector>

namespace arangosync::trace {

/// The files of one life of one process.
class Recording final : public ports::TraceSink {
public:
  Recording(std::string process, std::string machine) : process_(std::move(process)), machine_(std::move(machine)) {}

  bool has_room() const override { return true; }
  bool begin(std::string text) override {
    files_.push_back(std::move(text));
    return true;
  }
  bool append(std::string text) override {
    files_.back() += text;
    return true;
  }

  std::string const& process() const { return process_; }
  std::string const& machine() const { return machine_; }  ///< "master" or "worker"
  std::vector<std::string> const& files() const { return files_; }

private:
  std::string process_;
  std::string machine_;
  std::vector<std::string> files_;
};

}  // namespace arangosync::trace
