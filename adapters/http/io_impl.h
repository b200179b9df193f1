// Inside of adapters/http: the event loop behind Io.
#pragma once

#include "adapters/http/http.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>
#include <vector>

namespace arangosync::http {

struct Io::Impl {
  explicit Impl(unsigned thread_count);
  ~Impl();

  /// Whether the caller runs on one of the loop's threads and so must not wait for the loop.
  bool on_own_thread() const;

  boost::asio::io_context context;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::vector<std::thread> threads;
};

}  // namespace arangosync::http
