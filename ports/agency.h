// The cluster's agency as a key-value store with conditional transactions (spec arangodb-read 2).
//
// Used by adapters/agency/master_store, which knows our layout. Implemented by adapters/agency (HTTP: leader redirects,
// next agent on failure, outcome of timed-out writes found by `inquire`) and adapters/sim. Values are JSON texts.
// Callbacks run later, on any thread (never on the caller's stack), exactly once.
#pragma once

#include "domain/base/result.h"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::ports {

struct AgencySet {
  std::string json;
};
struct AgencyDelete {};
struct AgencyPush {
  std::string json;
};  ///< appends to an array
struct AgencyErase {
  std::string json;
};  ///< removes equal elements of an array

struct AgencyOperation {
  std::string key;  ///< full path with leading slash
  std::variant<AgencySet, AgencyDelete, AgencyPush, AgencyErase> what;
};

struct AgencyOld {
  std::string json;
};  ///< node equals this
struct AgencyOldEmpty {
  bool empty = true;
};  ///< node is absent (true) or present (false)

struct AgencyCondition {
  std::string key;
  std::variant<AgencyOld, AgencyOldEmpty> what;
};

struct AgencyTransaction {
  std::vector<AgencyOperation> operations;
  std::vector<AgencyCondition> conditions;
  std::string client_id;  ///< unique per attempt-worthy write, so that its outcome can be asked for later
};

/// Applied and Refused are certain; Unknown means the write may still happen.
enum class AgencyOutcome { Applied, Refused, Unknown };

class Agency {
public:
  virtual ~Agency() = default;
  /// All paths from one committed state. The answer is one JSON object with the full paths from the root; what does not
  /// exist is left out (spec 2.3).
  virtual void read(std::vector<std::string> paths, std::function<void(Outcome<std::string>)> answer) = 0;
  virtual void write(AgencyTransaction transaction, std::function<void(AgencyOutcome)> answer) = 0;
};

}  // namespace arangosync::ports
