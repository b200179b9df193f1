#include "adapters/telemetry/metrics.h"

#include "domain/base/check.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace arangosync::telemetry {

namespace {

using Labels = Metrics::Labels;

Labels sorted(Labels labels) {
  std::sort(labels.begin(), labels.end());
  return labels;
}

std::string number(double value) {
  char text[40];
  auto const end = std::to_chars(text, text + sizeof text, value);
  return {text, end.ptr};
}

std::string text_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return number(value);
}

/// JSON has no word for what is not a number.
std::string json_number(double value) { return std::isfinite(value) ? number(value) : "null"; }

std::string_view kind_name(MetricKind kind) { return kind == MetricKind::Counter ? "counter" : "gauge"; }

std::string_view help_of(std::string_view metric) {
  auto const* known = find_metric(metric);
  return known == nullptr ? std::string_view("No description") : known->help;
}

void append_text_escaped(std::string& out, std::string_view text, bool quotes_too) {
  for (char const c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes_too) {
      out += "\\\"";
    } else {
      out.push_back(c);
    }
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(byte));
      out += escape;
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_text_sample(std::string& out, std::string_view metric, Labels const& labels, std::string_view value) {
  out += metric;
  if (!labels.empty()) {
    char before = '{';
    for (auto const& [name, content] : labels) {
      out.push_back(before);
      before = ',';
      out += name;
      out += "=\"";
      append_text_escaped(out, content, true);
      out.push_back('"');
    }
    out.push_back('}');
  }
  out.push_back(' ');
  out += value;
  out.push_back('\n');
}

void append_json_sample(std::string& out, Labels const& labels, std::string_view value, bool first) {
  if (!first) out.push_back(',');
  out += "{\"value\":";
  out += value;
  if (!labels.empty()) {
    out += ",\"labels\":";
    char before = '{';
    for (auto const& [name, content] : labels) {
      out.push_back(before);
      before = ',';
      append_json_string(out, name);
      out.push_back(':');
      append_json_string(out, content);
    }
    out.push_back('}');
  }
  out.push_back('}');
}

}  // namespace

Metrics::Family* Metrics::family(std::string_view metric, MetricKind kind) {
  auto found = families_.find(metric);
  if (found == families_.end()) {
    auto const* known = find_metric(metric);
    DC_ASSERT(known == nullptr || known->kind == kind);
    Family fresh;
    fresh.kind = kind;
    found = families_.emplace(std::string(metric), std::move(fresh)).first;
  }
  DC_ASSERT(found->second.kind == kind);
  return &found->second;
}

void Metrics::drop(std::string_view metric) {
  ++family("arangosync_metrics_series_dropped", MetricKind::Counter)->counters[{{"metric", std::string(metric)}}];
}

void Metrics::count(std::string_view metric, Labels const& labels, std::uint64_t by) {
  auto key = sorted(labels);
  std::lock_guard const lock(mutex_);
  auto& series = family(metric, MetricKind::Counter)->counters;
  if (series.size() >= series_per_metric_max && !series.contains(key)) return drop(metric);
  series[std::move(key)] += by;
}

void Metrics::gauge(std::string_view metric, Labels const& labels, double value) {
  auto key = sorted(labels);
  std::lock_guard const lock(mutex_);
  auto& series = family(metric, MetricKind::Gauge)->gauges;
  if (series.size() >= series_per_metric_max && !series.contains(key)) return drop(metric);
  series[std::move(key)] = value;
}

void Metrics::measured(std::string_view metric, double value) {
  auto const* known = find_metric(metric);
  std::lock_guard const lock(mutex_);
  family(metric, known == nullptr ? MetricKind::Gauge : known->kind)->gauges[{}] = value;
}

std::string Metrics::prometheus() const {
  std::lock_guard const lock(mutex_);
  std::string out;
  for (auto const& [name, family] : families_) {
    out += "# HELP " + name + " ";
    append_text_escaped(out, help_of(name), false);
    out += "\n# TYPE " + name + " ";
    out += kind_name(family.kind);
    out.push_back('\n');
    for (auto const& [labels, value] : family.counters) append_text_sample(out, name, labels, std::to_string(value));
    for (auto const& [labels, value] : family.gauges) append_text_sample(out, name, labels, text_number(value));
  }
  return out;
}

std::string Metrics::json() const {
  std::lock_guard const lock(mutex_);
  std::string out = "{";
  for (auto const& [name, family] : families_) {
    if (out.size() > 1) out.push_back(',');
    append_json_string(out, name);
    out += ":{\"help\":";
    append_json_string(out, help_of(name));
    out += ",\"type\":\"";
    out += kind_name(family.kind);
    out += "\",\"samples\":[";
    bool first = true;
    for (auto const& [labels, value] : family.counters) {
      append_json_sample(out, labels, std::to_string(value), first);
      first = false;
    }
    for (auto const& [labels, value] : family.gauges) {
      append_json_sample(out, labels, json_number(value), first);
      first = false;
    }
    out += "]}";
  }
  out.push_back('}');
  return out;
}

}  // namespace arangosync::telemetry
