// Recorded and constructed exchanges of tests/data/arangodb, and payloads as readable text.
#pragma once

#include "adapters/codec/changes.h"
#include "adapters/http/http.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace arangosync::cluster {

inline std::string read_data(std::string const& name) {
  std::ifstream file(tests::data_folder() + "/arangodb/" + name);
  EXPECT_TRUE(file) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Exchange {
  std::string method;
  std::string url;
  http::Response response;
};

inline std::vector<Exchange> exchanges(std::string const& name) {
  std::vector<Exchange> result;
  auto const file = boost::json::parse(read_data(name));
  for (auto const& entry : file.at("exchanges").as_array()) {
    Exchange exchange;
    exchange.method = boost::json::value_to<std::string>(entry.at("method"));
    exchange.url = boost::json::value_to<std::string>(entry.at("url"));
    exchange.response.status = boost::json::value_to<int>(entry.at("status"));
    for (auto const& [header, value] : entry.at("headers").as_object()) {
      exchange.response.headers.push_back({std::string(header), boost::json::value_to<std::string>(value)});
    }
    exchange.response.body = boost::json::value_to<std::string>(entry.at("body_text"));
    result.push_back(std::move(exchange));
  }
  return result;
}

/// "+a@_rev {…}", "-a@_rev", "truncate".
inline std::vector<std::string> texts(shard::Payload const& payload) {
  auto const changes = codec::ChangesReader::open(payload);
  EXPECT_TRUE(changes.has_value());
  std::vector<std::string> result;
  for (std::uint32_t index = 0; changes && index < changes->size(); ++index) {
    auto const change = (*changes)[index];
    std::string text = "truncate";
    if (change.kind == codec::ChangeKind::Remove)
      text = "-" + std::string(change.key) + "@" + std::string(change.revision);
    if (change.kind == codec::ChangeKind::Upsert) {
      text = "+" + std::string(change.key) + "@" + std::string(change.revision) + " " + std::string(change.document);
    }
    result.push_back(std::move(text));
  }
  return result;
}

using Strings = std::vector<std::string>;

}  // namespace arangosync::cluster
