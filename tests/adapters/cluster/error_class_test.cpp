#include "adapters/cluster/error_class.h"

#include "tests/adapters/cluster/fixture.h"

#include <set>

namespace arangosync::cluster {
namespace {

struct Row {
  int status;
  int number;
  FaultClass expected;
};

class ErrorTable : public testing::TestWithParam<Row> {};

TEST_P(ErrorTable, GivesTheClassOfTheSpecification) {
  auto const row = GetParam();
  EXPECT_EQ(fault_class({row.status, row.number}), row.expected) << row.status << "/" << row.number;
}

std::string name_of(testing::TestParamInfo<Row> const& row) {
  return "E" + std::to_string(row.param.status) + "_" + std::to_string(row.param.number);
}

// One line per row of spec arangodb-write 10.2; what is resolved by the caller is Permanent or NotFound when it cannot
// be.
INSTANTIATE_TEST_SUITE_P(Spec10_2, ErrorTable,
                         testing::Values(Row{403, 1004, FaultClass::Retry}, Row{503, 1429, FaultClass::Retry},
                                         Row{503, 1478, FaultClass::Retry}, Row{503, 1465, FaultClass::Retry},
                                         Row{503, 1495, FaultClass::Retry}, Row{503, 1496, FaultClass::Retry},
                                         Row{503, 30, FaultClass::Retry}, Row{503, 38, FaultClass::Retry},
                                         Row{503, 21003, FaultClass::Retry}, Row{503, 0, FaultClass::Retry},
                                         Row{503, 503, FaultClass::Retry}, Row{421, 1491, FaultClass::Retry},
                                         Row{500, 1464, FaultClass::Retry}, Row{500, 18, FaultClass::Retry},
                                         Row{500, 28, FaultClass::Retry}, Row{409, 1200, FaultClass::Retry},
                                         Row{500, 1457, FaultClass::Retry}, Row{500, 1474, FaultClass::Retry},
                                         Row{500, 4, FaultClass::Retry}, Row{412, 21004, FaultClass::Retry},
                                         Row{409, 1210, FaultClass::Permanent}, Row{404, 1202, FaultClass::NotFound},
                                         Row{404, 1203, FaultClass::Refresh}, Row{404, 1228, FaultClass::Refresh},
                                         Row{409, 1207, FaultClass::Permanent}, Row{500, 1005, FaultClass::Permanent},
                                         Row{404, 1212, FaultClass::NotFound}, Row{400, 10, FaultClass::Permanent},
                                         Row{400, 1208, FaultClass::Permanent}, Row{400, 1229, FaultClass::Permanent},
                                         Row{400, 1232, FaultClass::Permanent}, Row{400, 1621, FaultClass::Permanent},
                                         Row{400, 1450, FaultClass::Permanent}, Row{500, 1484, FaultClass::Permanent},
                                         Row{501, 1470, FaultClass::Permanent}, Row{501, 31, FaultClass::Permanent},
                                         Row{500, 1486, FaultClass::Refresh}, Row{500, 1487, FaultClass::Refresh}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Spec10_2Continued, ErrorTable,
                         testing::Values(Row{400, 1221, FaultClass::Permanent}, Row{400, 1226, FaultClass::Permanent},
                                         Row{400, 1227, FaultClass::Permanent}, Row{400, 1233, FaultClass::Permanent},
                                         Row{400, 1466, FaultClass::Permanent}, Row{400, 1468, FaultClass::Permanent},
                                         Row{400, 1469, FaultClass::Permanent}, Row{400, 1620, FaultClass::Permanent},
                                         Row{400, 4001, FaultClass::Permanent}, Row{400, 4009, FaultClass::Permanent},
                                         Row{500, 1225, FaultClass::Permanent}, Row{500, 1216, FaultClass::Permanent},
                                         Row{413, 0, FaultClass::Permanent}, Row{431, 0, FaultClass::Permanent},
                                         Row{500, 32, FaultClass::Retry}, Row{400, 600, FaultClass::Permanent},
                                         Row{400, 400, FaultClass::Permanent}, Row{404, 404, FaultClass::Permanent},
                                         Row{401, 11, FaultClass::Denied}, Row{403, 11, FaultClass::Denied},
                                         Row{401, 0, FaultClass::Denied}, Row{500, 1485, FaultClass::Refresh},
                                         Row{500, 4002, FaultClass::Refresh}, Row{500, 1942, FaultClass::Refresh},
                                         Row{412, 1448, FaultClass::Refresh}, Row{500, 1454, FaultClass::Refresh},
                                         Row{500, 1456, FaultClass::Refresh}, Row{500, 1458, FaultClass::Refresh},
                                         Row{500, 1463, FaultClass::Refresh}, Row{500, 1467, FaultClass::Refresh},
                                         Row{500, 1488, FaultClass::Refresh}, Row{500, 1492, FaultClass::Refresh},
                                         Row{500, 1497, FaultClass::Refresh}, Row{500, 1499, FaultClass::Refresh},
                                         Row{404, 1655, FaultClass::Retry}, Row{410, 1654, FaultClass::Retry},
                                         Row{410, 21, FaultClass::Retry}, Row{410, 1500, FaultClass::Retry},
                                         Row{500, 7001, FaultClass::Retry}, Row{500, 7012, FaultClass::Retry},
                                         Row{0, 0, FaultClass::Retry}, Row{0, 1465, FaultClass::Retry},
                                         Row{0, 1233, FaultClass::Permanent}),
                         name_of);

struct Listed {
  int first = 0;
  int last = 0;
  std::string handling;
};

std::vector<Listed> listed() {
  std::istringstream file(read_data("error-numbers.tsv"));
  std::vector<Listed> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    Listed row;
    std::istringstream(line) >> row.first >> row.last >> row.handling;
    rows.push_back(row);
  }
  return rows;
}

std::string text_of(Handling handling) {
  switch (handling) {
    case Handling::Retry:
      return "RETRY";
    case Handling::Refresh:
      return "REFRESH";
    case Handling::Resolve:
      return "RESOLVE";
    case Handling::Skip:
      return "SKIP";
    case Handling::Permanent:
      break;
  }
  return "PERMANENT";
}

TEST(ErrorNumbers, OfTheSpecificationsAreHandledAsTheySay) {
  auto const rows = listed();
  ASSERT_GT(rows.size(), 90u);
  for (auto const& row : rows) {
    for (int number = row.first; number <= row.last; ++number) {
      EXPECT_EQ(text_of(handling(number)), row.handling) << number;
    }
  }
}

TEST(ErrorNumbers, AreAllInTheListWhereTheyAreNotPermanent) {
  std::set<int> known;
  for (auto const& row : listed()) {
    for (int number = row.first; number <= row.last; ++number) EXPECT_TRUE(known.insert(number).second) << number;
  }
  for (int number = 0; number < 30'000; ++number) {
    if (handling(number) == Handling::Permanent) continue;
    EXPECT_TRUE(known.contains(number)) << number;
  }
}

TEST(ErrorNumbers, HaveAClassThatFitsTheirHandling) {
  for (auto const& row : listed()) {
    for (int number = row.first; number <= row.last; ++number) {
      auto const found = fault_class(ServerError{0, number});
      bool const is_ours = row.handling == "RESOLVE" || row.handling == "SKIP";  // by what the caller makes of it
      bool const is_reported = found == FaultClass::Permanent || found == FaultClass::Denied;
      EXPECT_EQ(found == FaultClass::Retry, row.handling == "RETRY" || (is_ours && found == FaultClass::Retry))
          << number;
      EXPECT_EQ(found == FaultClass::Refresh, row.handling == "REFRESH" || (is_ours && found == FaultClass::Refresh))
          << number;
      EXPECT_TRUE(row.handling != "PERMANENT" || is_reported) << number;
    }
  }
}

TEST(ErrorNumbers, AreListedForOperators) {
  std::string const page = read_data("../../../docs/compatibility.md");
  for (auto const& row : listed()) {
    auto const range = std::to_string(row.first) + (row.last == row.first ? "" : " - " + std::to_string(row.last));
    EXPECT_NE(page.find("| " + range + " | " + row.handling + " |"), std::string::npos) << range;
  }
}

TEST(ErrorMessages, NameTheCallAndNeverQuoteTheServer) {
  http::Response response;
  response.status = 409;
  response.body =
      R"({"error":true,"errorNum":1210,"errorMessage":"unique constraint violated, conflicting key: secret"})";
  EXPECT_EQ(fault_of("write documents of shop/orders", response).message,
            "write documents of shop/orders: unique constraint violated (1210)");
}

TEST(ErrorMessages, AreMadeOfTheStatusWhereThereIsNoNumber) {
  http::Response response;
  response.status = 503;
  EXPECT_EQ(fault_of("list databases", response).message, "list databases: HTTP 503");
  EXPECT_EQ(fault_of("list databases", response).fault_class, FaultClass::Retry);
}

TEST(ErrorMessages, OfRecordedBodiesHaveTheirNumber) {
  for (auto const& exchange : exchanges("errors.json")) {
    if (exchange.response.body.empty()) continue;
    EXPECT_NE(server_error(exchange.response).number, 0) << exchange.url;
  }
}

}  // namespace
}  // namespace arangosync::cluster
