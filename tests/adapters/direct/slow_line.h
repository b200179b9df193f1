// A line between a client and a server of this machine that stops in the middle: of each connection no more than so
// many bytes come back until the test lets them through.
#pragma once

#include "tests/adapters/http/raw_socket.h"

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace arangosync::direct {

class SlowLine {
public:
  SlowLine(std::uint16_t server, std::size_t held_after_bytes)
      : held_after_bytes_(held_after_bytes),
        listener_(std::make_unique<http::RawServer>(
            [this, server](http::RawSocket& client, int) { join(std::move(client), server); })) {}
  ~SlowLine() {
    release();
    listener_.reset();
    for (auto& pair : pairs_) pair.shut();
    for (auto& pair : pairs_) pair.up.join();
    for (auto& pair : pairs_) pair.down.join();
  }

  std::uint16_t port() const { return listener_->port(); }
  bool is_held() const {
    std::lock_guard const lock(mutex_);
    return is_held_;
  }
  std::size_t bytes_down() const {
    std::lock_guard const lock(mutex_);
    return bytes_down_;
  }
  void release() {
    std::lock_guard const lock(mutex_);
    is_released_ = true;
    released_.notify_all();
  }

private:
  struct Pair {
    http::RawSocket client;
    http::RawSocket server;
    std::thread up = {};
    std::thread down = {};
    void shut() {
      client.shut();
      server.shut();
    }
  };

  void join(http::RawSocket client, std::uint16_t server) {
    Pair& pair = pairs_.emplace_back(std::move(client), http::RawSocket::connect_to(server));
    pair.up = std::thread([&pair] {
      for (std::string piece = pair.client.read_some(); !piece.empty(); piece = pair.client.read_some()) {
        if (!pair.server.write(piece)) break;
      }
      pair.shut();
    });
    pair.down = std::thread([this, &pair] {
      std::size_t total = 0;
      for (std::string piece = pair.server.read_some(); !piece.empty(); piece = pair.server.read_some()) {
        total += piece.size();
        wait_for_leave(piece.size(), total);
        if (!pair.client.write(piece)) break;
      }
      pair.shut();
    });
  }

  void wait_for_leave(std::size_t bytes, std::size_t total) {
    std::unique_lock lock(mutex_);
    is_held_ = is_held_ || total > held_after_bytes_;
    released_.wait(lock, [&] { return is_released_ || total <= held_after_bytes_; });
    bytes_down_ += bytes;
  }

  std::size_t const held_after_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable released_;
  bool is_released_ = false;
  bool is_held_ = false;
  std::size_t bytes_down_ = 0;
  std::list<Pair> pairs_;  // of the listener's thread, until that has ended
  std::unique_ptr<http::RawServer> listener_;
};

}  // namespace arangosync::direct
