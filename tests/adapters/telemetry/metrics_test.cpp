// The two written forms of metrics are read by other people's tools, so they are compared as whole texts.
#include "adapters/telemetry/metrics.h"

#include <gtest/gtest.h>

#include <limits>

using namespace arangosync::telemetry;

namespace {

void count_as_the_tutorial_shows(Metrics& metrics) {
  metrics.count("arangosync_master_worker_registrations", {}, 2);
  metrics.count("arangosync_master_worker_storage", {{"result", "success"}, {"op", "save"}, {"kind", ""}}, 8);
  metrics.count("arangosync_master_worker_storage", {{"kind", "empty"}, {"op", "load"}, {"result", "success"}}, 1);
}

}  // namespace

TEST(Metrics, AreWrittenAsPrometheusTextWithSortedLabels) {
  Metrics metrics;
  count_as_the_tutorial_shows(metrics);
  EXPECT_EQ(metrics.prometheus(),
            "# HELP arangosync_master_worker_registrations Total number of registrations\n"
            "# TYPE arangosync_master_worker_registrations counter\n"
            "arangosync_master_worker_registrations 2\n"
            "# HELP arangosync_master_worker_storage Number of times worker info is stored, loaded\n"
            "# TYPE arangosync_master_worker_storage counter\n"
            "arangosync_master_worker_storage{kind=\"\",op=\"save\",result=\"success\"} 8\n"
            "arangosync_master_worker_storage{kind=\"empty\",op=\"load\",result=\"success\"} 1\n");
}

TEST(Metrics, AreWrittenAsJsonWithoutLabelsWhereThereAreNone) {
  Metrics metrics;
  count_as_the_tutorial_shows(metrics);
  EXPECT_EQ(metrics.json(),
            R"({"arangosync_master_worker_registrations":{"help":"Total number of registrations","type":"counter",)"
            R"("samples":[{"value":2}]},"arangosync_master_worker_storage":)"
            R"({"help":"Number of times worker info is stored, loaded","type":"counter","samples":[)"
            R"({"value":8,"labels":{"kind":"","op":"save","result":"success"}},)"
            R"({"value":1,"labels":{"kind":"empty","op":"load","result":"success"}}]}})");
}

TEST(Metrics, EscapeWhatLabelsHold) {
  Metrics metrics;
  metrics.gauge("x", {{"database", "a\"b\\c\nd"}}, 1.5);
  EXPECT_NE(metrics.prometheus().find("x{database=\"a\\\"b\\\\c\\nd\"} 1.5\n"), std::string::npos)
      << metrics.prometheus();
  EXPECT_NE(metrics.json().find(R"({"value":1.5,"labels":{"database":"a\"b\\c\u000ad"}})"), std::string::npos)
      << metrics.json();
}

TEST(Metrics, CountersAddUpAndGaugesAreReplaced) {
  Metrics metrics;
  metrics.count("c", {}, 2);
  metrics.count("c", {}, 3);
  metrics.gauge("g", {}, 2);
  metrics.gauge("g", {}, -0.25);
  EXPECT_NE(metrics.prometheus().find("\nc 5\n"), std::string::npos);
  EXPECT_NE(metrics.prometheus().find("\ng -0.25\n"), std::string::npos);
}

TEST(Metrics, TheOrderOfLabelsInTheCallDoesNotMatter) {
  Metrics metrics;
  metrics.count("c", {{"a", "1"}, {"b", "2"}}, 1);
  metrics.count("c", {{"b", "2"}, {"a", "1"}}, 1);
  EXPECT_NE(metrics.prometheus().find("c{a=\"1\",b=\"2\"} 2\n"), std::string::npos);
}

TEST(Metrics, NumbersThatAreNoneAreWrittenAsEachFormAllows) {
  Metrics metrics;
  metrics.gauge("g", {}, std::numeric_limits<double>::infinity());
  EXPECT_NE(metrics.prometheus().find("\ng +Inf\n"), std::string::npos);
  EXPECT_NE(metrics.json().find("{\"value\":null}"), std::string::npos);
}

TEST(Metrics, SeriesAreLimitedAndRefusalsCounted) {
  Metrics metrics;
  for (std::size_t i = 0; i < series_per_metric_max + 3; ++i) metrics.gauge("g", {{"n", std::to_string(i)}}, 1);
  EXPECT_NE(metrics.prometheus().find("arangosync_metrics_series_dropped{metric=\"g\"} 3\n"), std::string::npos);
}

TEST(Metrics, TheProcessIsMeasured) {
  Metrics metrics;
  measure_process(metrics);
  auto const text = metrics.prometheus();
  for (auto const* name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
        "process_start_time_seconds", "process_virtual_memory_bytes", "process_threads"}) {
    EXPECT_NE(text.find(std::string("\n") + name + " "), std::string::npos) << name;
  }
  EXPECT_NE(text.find("# TYPE process_cpu_seconds_total counter\n"), std::string::npos);
  EXPECT_EQ(text.find("process_resident_memory_bytes 0\n"), std::string::npos);
}

TEST(Metrics, TheCatalogueIsSortedAndHelpful) {
  auto const& all = catalogue();
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_FALSE(all[i].help.empty()) << all[i].name;
    if (i > 0) {
      EXPECT_LT(all[i - 1].name, all[i].name);
    }
    EXPECT_EQ(find_metric(all[i].name), &all[i]);
  }
  EXPECT_EQ(find_metric("arangosync_no_such"), nullptr);
}
