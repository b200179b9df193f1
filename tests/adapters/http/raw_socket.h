// A peer that speaks whatever bytes a test wants: one connection to a server, or a server that answers with fixed
// bytes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace arangosync::http {

inline sockaddr_in loopback_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

class RawSocket {
public:
  explicit RawSocket(int descriptor) : descriptor_(descriptor) {
    timeval const longest{30, 0};  // a test that waits forever says nothing
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  }
  static RawSocket connect_to(std::uint16_t port) {
    int const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in const address = loopback_address(port);
    if (::connect(descriptor, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
    return RawSocket(descriptor);
  }
  RawSocket(RawSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() { close(); }

  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  void shut() { ::shutdown(descriptor_, SHUT_RDWR); }
  void end_of_writing() { ::shutdown(descriptor_, SHUT_WR); }

  /// False once the other side is gone.
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      auto const sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Whatever comes next; empty at the end.
  std::string read_some() {
    char buffer[16'384];
    auto const got = ::recv(descriptor_, buffer, sizeof buffer, 0);
    return {buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }
  /// What arrives until `mark` is in it, or until the end.
  std::string read_until(std::string_view mark) {
    while (mark.empty() || received_.find(mark) == std::string::npos) {
      char buffer[4096];
      auto const got = ::recv(descriptor_, buffer, sizeof buffer, 0);
      if (got < 0 && errno == ECONNRESET) was_reset_ = true;
      if (got <= 0) break;
      received_.append(buffer, static_cast<std::size_t>(got));
    }
    auto const at = mark.empty() ? std::string::npos : received_.find(mark);
    auto const end = at == std::string::npos ? received_.size() : at + mark.size();
    std::string const text = received_.substr(0, end);
    received_.erase(0, end);
    return text;
  }
  std::string read_to_end() { return read_until(""); }
  /// The other side broke off instead of saying that it has sent all.
  bool was_reset() const { return was_reset_; }

private:
  int descriptor_;
  std::string received_;
  bool was_reset_ = false;
};

/// Accepts connections one after the other on a thread of its own and hands each to `serve`, with its number from 0.
class RawServer {
public:
  explicit RawServer(std::function<void(RawSocket&, int)> serve)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback_address(0);
    socklen_t size = sizeof address;
    bool const listening = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                           ::listen(listener_, 16) == 0 &&
                           ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (!listening) throw std::runtime_error("cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, serve = std::move(serve)] {
      for (;;) {
        int const accepted = ::accept(listener_, nullptr, nullptr);
        if (accepted < 0) return;
        RawSocket socket(accepted);
        serve(socket, connections_++);
      }
    });
  }
  RawServer(RawServer const&) = delete;
  RawServer& operator=(RawServer const&) = delete;
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

private:
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

}  // namespace arangosync::http
