#include "adapters/sim/cluster_names.h"

#include <algorithm>

namespace arangosync::sim {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_traditional_part(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_traditional(std::string_view name) { return std::all_of(name.begin(), name.end(), is_traditional_part); }

bool is_extended(std::string_view name) {
  bool begins_badly = name.front() == '.' || name.front() == ' ' || is_digit(name.front());
  if (begins_badly || name.back() == ' ') return false;
  return std::none_of(name.begin(), name.end(), [](char c) { return c == '/' || c == ':' || is_control(c); });
}

}  // namespace

bool is_database_name(std::string_view name, Naming naming) {
  if (name.empty() || name.front() == '_') return false;
  if (naming == Naming::Traditional) return name.size() <= 64 && is_letter(name.front()) && is_traditional(name);
  return name.size() <= 128 && is_extended(name);
}

bool is_collection_name(std::string_view name, Naming naming) {
  if (name.empty() || name.size() > 256) return false;
  if (naming == Naming::Extended) return is_extended(name);
  return (is_letter(name.front()) || name.front() == '_') && is_traditional(name);
}

}  // namespace arangosync::sim
