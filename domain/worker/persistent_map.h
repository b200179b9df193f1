// A sorted map that is copied in constant time: copies share what they do not change.
//
// The worker's decisions work on a copy of the whole state (decide.cpp), which must not cost the number of shards. An
// update of a shared map copies the path to the element, O(log n); of an unshared one it happens in place. A treap
// whose shape follows from the keys alone, so equal contents have equal shapes. Not to be shared between threads.
#pragma once

#include "domain/base/ids.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace arangosync::worker {

namespace detail {
inline std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}
inline std::uint64_t priority_of(std::uint64_t key) { return mix(key); }
inline std::uint64_t priority_of(std::string const& key) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (char const c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix(hash);
}
inline std::uint64_t priority_of(ShardRef const& key) {
  return mix(priority_of(key.database.value()) ^ (priority_of(key.collection.value()) << 1U) ^ key.index);
}
template <class A, class B>
std::uint64_t priority_of(std::pair<A, B> const& key);
template <class K>
requires requires(K const& k) { k.value(); }
std::uint64_t priority_of(K const& key) { return priority_of(key.value()); }
template <class A, class B>
std::uint64_t priority_of(std::pair<A, B> const& key) {
  return mix(priority_of(key.first) ^ (priority_of(key.second) << 1U));
}
}  // namespace detail

/// A value whose copies share it until one of them is changed.
template <class T>
class Shared {
public:
  Shared() : value_(std::make_shared<T>()) {}
  explicit Shared(T value) : value_(std::make_shared<T>(std::move(value))) {}
  T const& operator*() const { return *value_; }
  T const* operator->() const { return value_.get(); }
  T& edit() {
    if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
    return *value_;
  }
  friend bool operator==(Shared const& a, Shared const& b) { return a.value_ == b.value_ || *a.value_ == *b.value_; }

private:
  std::shared_ptr<T> value_;
};

template <class K, class V>
class PersistentMap {
  struct Node {
    K key;
    std::uint64_t priority;
    Shared<V> value;
    std::shared_ptr<Node> left;
    std::shared_ptr<Node> right;
  };
  using Link = std::shared_ptr<Node>;

public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  V const* find(K const& key) const {
    Node const* node = root_.get();
    while (node != nullptr) {
      auto const order = key <=> node->key;
      if (order == 0) return &*node->value;
      node = order < 0 ? node->left.get() : node->right.get();
    }
    return nullptr;
  }
  bool contains(K const& key) const { return find(key) != nullptr; }

  /// The element to be changed, or null.
  V* edit(K const& key) {
    if (!contains(key)) return nullptr;
    Link* link = &root_;
    while (true) {
      Node& node = own(*link);
      auto const order = key <=> node.key;
      if (order == 0) return &node.value.edit();
      link = order < 0 ? &node.left : &node.right;
    }
  }

  void set(K key, V value) {
    if (V* const known = edit(key)) {
      *known = std::move(value);
      return;
    }
    auto node =
        std::make_shared<Node>(Node{key, detail::priority_of(key), Shared<V>(std::move(value)), nullptr, nullptr});
    Link* link = &root_;
    while (*link && above(**link, *node)) {
      Node& parent = own(*link);
      link = node->key < parent.key ? &parent.left : &parent.right;
    }
    split(std::move(*link), node->key, node->left, node->right);
    *link = std::move(node);
    ++size_;
  }

  void erase(K const& key) {
    if (!contains(key)) return;
    Link* link = &root_;
    while (true) {
      Node& node = own(*link);
      auto const order = key <=> node.key;
      if (order == 0) {
        Link merged = merge(std::move(node.left), std::move(node.right));
        *link = std::move(merged);
        --size_;
        return;
      }
      link = order < 0 ? &node.left : &node.right;
    }
  }

  void clear() {
    root_ = nullptr;
    size_ = 0;
  }

  /// Calls visit(key, value) in the order of keys.
  template <class Visit>
  void for_each(Visit visit) const {
    walk(root_.get(), visit);
  }

  /// The same, beginning behind `from` and ending with it: who serves a few at a time serves all in turn.
  template <class Visit>
  void for_each_behind(K const& from, Visit visit) const {
    walk_behind(root_.get(), from, visit);
    walk_until(root_.get(), from, visit);
  }

  /// The first element whose key is `from` or greater.
  std::optional<std::pair<K, V>> first_from(K const& from) const {
    Node const* best = nullptr;
    for (Node const* node = root_.get(); node != nullptr;) {
      if (node->key < from) {
        node = node->right.get();
      } else {
        best = node;
        node = node->left.get();
      }
    }
    if (best == nullptr) return std::nullopt;
    return std::pair<K, V>{best->key, *best->value};
  }

  /// Key and value of the least element; the map is not empty.
  std::pair<K const&, V const&> first() const {
    Node const* node = root_.get();
    while (node->left) node = node->left.get();
    return {node->key, *node->value};
  }

  friend bool operator==(PersistentMap const& a, PersistentMap const& b) {
    return a.size_ == b.size_ && same(a.root_.get(), b.root_.get());
  }

private:
  static bool above(Node const& a, Node const& b) {
    return a.priority > b.priority || (a.priority == b.priority && a.key < b.key);
  }
  static Node& own(Link& link) {
    if (link.use_count() > 1) link = std::make_shared<Node>(*link);
    return *link;
  }
  static void split(Link whole, K const& key, Link& less, Link& more) {
    if (!whole) {
      less = nullptr;
      more = nullptr;
      return;
    }
    Node& node = own(whole);
    if (node.key < key) {
      Link rest = std::move(node.right);
      split(std::move(rest), key, node.right, more);
      less = std::move(whole);
    } else {
      Link rest = std::move(node.left);
      split(std::move(rest), key, less, node.left);
      more = std::move(whole);
    }
  }
  static Link merge(Link less, Link more) {
    if (!less) return more;
    if (!more) return less;
    if (above(*less, *more)) {
      Node& node = own(less);
      Link right = std::move(node.right);
      node.right = merge(std::move(right), std::move(more));
      return less;
    }
    Node& node = own(more);
    Link left = std::move(node.left);
    node.left = merge(std::move(less), std::move(left));
    return more;
  }
  template <class Visit>
  static void walk(Node const* node, Visit& visit) {
    if (node == nullptr) return;
    walk(node->left.get(), visit);
    visit(node->key, *node->value);
    walk(node->right.get(), visit);
  }
  template <class Visit>
  static void walk_behind(Node const* node, K const& from, Visit& visit) {
    if (node == nullptr) return;
    if (!(from < node->key)) return walk_behind(node->right.get(), from, visit);
    walk_behind(node->left.get(), from, visit);
    visit(node->key, *node->value);
    walk(node->right.get(), visit);
  }
  template <class Visit>
  static void walk_until(Node const* node, K const& from, Visit& visit) {
    if (node == nullptr) return;
    if (from < node->key) return walk_until(node->left.get(), from, visit);
    walk(node->left.get(), visit);
    visit(node->key, *node->value);
    walk_until(node->right.get(), from, visit);
  }
  static bool same(Node const* a, Node const* b) {
    if (a == b) return true;
    if (a == nullptr || b == nullptr) return false;
    return a->key == b->key && a->value == b->value && same(a->left.get(), b->left.get()) &&
           same(a->right.get(), b->right.get());
  }

  Link root_;
  std::size_t size_ = 0;
};

}  // namespace arangosync::worker
