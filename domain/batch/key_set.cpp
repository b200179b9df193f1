#include "domain/batch/key_set.h"

#include <algorithm>
#include <iterator>

namespace arangosync::batch {

namespace {

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

bool holds(std::vector<KeyHash> const& run, KeyHash hash) { return std::binary_search(run.begin(), run.end(), hash); }

}  // namespace

KeyHash hash_of(std::string_view key) {
  // Two independent walks, so that a collision of one says nothing about the other.
  std::uint64_t forward = 0xcbf29ce484222325ULL;
  std::uint64_t mixed = 0x9e3779b97f4a7c15ULL + key.size();
  for (char const c : key) {
    auto const byte = static_cast<unsigned char>(c);
    forward = (forward ^ byte) * 0x100000001b3ULL;
    mixed = mix(mixed + byte + 0x9e3779b97f4a7c15ULL);
  }
  return KeyHash{mix(forward), mixed};
}

void KeySet::insert(std::string_view key) {
  KeyHash const hash = hash_of(key);
  for (auto const& run : runs_) {
    if (holds(run, hash)) return;
  }
  if (std::find(buffer_.begin(), buffer_.end(), hash) != buffer_.end()) return;
  buffer_.push_back(hash);
  if (buffer_.size() < buffer_max) return;
  std::vector<KeyHash> run;
  run.swap(buffer_);
  std::sort(run.begin(), run.end());
  while (!runs_.empty() && runs_.back().size() <= run.size()) {
    std::vector<KeyHash> merged;
    merged.reserve(run.size() + runs_.back().size());
    std::merge(run.begin(), run.end(), runs_.back().begin(), runs_.back().end(), std::back_inserter(merged));
    run.swap(merged);
    runs_.pop_back();
  }
  runs_.push_back(std::move(run));
}

bool KeySet::contains(std::string_view key) const {
  KeyHash const hash = hash_of(key);
  for (auto const& run : runs_) {
    if (holds(run, hash)) return true;
  }
  return std::find(buffer_.begin(), buffer_.end(), hash) != buffer_.end();
}

std::size_t KeySet::size() const {
  std::size_t size = buffer_.size();
  for (auto const& run : runs_) size += run.size();
  return size;
}

std::size_t KeySet::memory_bytes() const {
  std::size_t bytes = buffer_.capacity() * sizeof(KeyHash);
  for (auto const& run : runs_) bytes += run.capacity() * sizeof(KeyHash);
  return bytes;
}

}  // namespace arangosync::batch
