// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace cosmo::net {

/// A Beast body that counts the bytes which arrive and keeps those within the
/// bound. Beast's own limit judges the announced length before a byte of the
/// body was read, and its string body allocates that length.
struct bounded_body {
  struct value_type {
    std::string bytes;
    size_t bytes_max = 0;
  };

  class reader {
  public:
    template <bool IsRequest, class Fields>
    reader(boost::beast::http::header<IsRequest, Fields>&, value_type& body)
      : body_(body) {
      // nop
    }

    void init(const boost::optional<uint64_t>&,
              boost::system::error_code& error) {
      error = {};
    }

    template <class Buffers>
    size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      size_t taken = 0;
      for (auto buffer : boost::beast::buffers_range_ref(buffers)) {
        auto room = body_.bytes_max - body_.bytes.size();
        auto size = std::min(room, buffer.size());
        body_.bytes.append(static_cast<const char*>(buffer.data()), size);
        taken += size;
        if (size < buffer.size()) {
          error = boost::beast::http::error::body_limit;
          break;
        }
      }
      return taken;
    }

    void finish(boost::system::error_code& error) {
      error = {};
    }

  private:
    value_type& body_;
  };
};

} // namespace cosmo::net
