// A short queue as a value: first in, first out. States of machines hold it, and are copied at every decision.
//
// An empty one costs nothing to make, copy or move, unlike std::deque, which allocates even then. Taking the front
// moves what is behind it: for queues of some hundred elements at most (limits::window_messages).
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace arangosync {

template <class T>
class Fifo {
public:
  bool empty() const { return elements_.empty(); }
  std::size_t size() const { return elements_.size(); }
  T& front() { return elements_.front(); }
  T const& front() const { return elements_.front(); }
  T const& back() const { return elements_.back(); }
  T const& operator[](std::size_t place) const { return elements_[place]; }  ///< 0 is the front
  auto begin() const { return elements_.begin(); }
  auto end() const { return elements_.end(); }

  void push_back(T element) { elements_.push_back(std::move(element)); }
  T& emplace_back() { return elements_.emplace_back(); }
  void pop_front() { elements_.erase(elements_.begin()); }
  void clear() { elements_.clear(); }

  friend bool operator==(Fifo const&, Fifo const&) = default;

private:
  std::vector<T> elements_;
};

}  // namespace arangosync
