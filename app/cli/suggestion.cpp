#include "app/cli/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace arangosync::cli {

namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      auto const changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

constexpr std::size_t word_length_max = 60;

}  // namespace

std::string nearest(std::string_view word, std::vector<std::string> const& known) {
  if (word.size() > word_length_max) return {};
  std::string best;
  std::size_t best_distance = word_length_max;
  for (auto const& candidate : known) {
    auto const d = distance(word, candidate);
    if (d < best_distance && d * 3 <= candidate.size()) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

std::vector<std::string> with_empty_values_apart(std::vector<std::string> const& arguments) {
  std::vector<std::string> apart;
  for (auto const& word : arguments) {
    bool const empty_value = word.size() > 3 && word.compare(0, 2, "--") == 0 && word.find('=') == word.size() - 1;
    apart.push_back(empty_value ? word.substr(0, word.size() - 1) : word);
    if (empty_value) apart.emplace_back();
  }
  return apart;
}

}  // namespace arangosync::cli
