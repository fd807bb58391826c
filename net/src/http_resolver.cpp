// SPDX-License-Identifier: Apache-2.0
#include "http_resolver.hpp"

#include "return_path.hpp"

#include <system_error>
#include <thread>

namespace cosmo::net {

namespace asio = boost::asio;

http_resolver::http_resolver(asio::io_context& context, lookup fn)
  : path_(std::make_shared<return_path>(context)), lookup_(std::move(fn)) {
  // nop
}

http_resolver::~http_resolver() {
  path_->close();
}

void http_resolver::resolve(const std::string& host, uint16_t port,
                            handler done) {
  question what{host, port};
  auto& handlers = waiting_[what];
  handlers.push_back(std::move(done));
  if (handlers.size() == 1)
    start(what);
}

http_resolver::endpoints http_resolver::ask_system(const std::string& host,
                                                   uint16_t port) {
  using tcp = asio::ip::tcp;
  asio::io_context context;
  boost::system::error_code error;
  auto found = tcp::resolver{context}.resolve(
    host, std::to_string(port), tcp::resolver::numeric_service, error);
  return {found.begin(), found.end()};
}

void http_resolver::start(const question& what) {
  try {
    std::thread{[this, path = path_, fn = lookup_, what] {
      auto found = fn(what.first, what.second);
      // Runs, if at all, while the resolver still exists.
      path->post([this, what, found] { answer(what, found); });
    }}.detach();
  } catch (const std::system_error&) {
    // No thread, no address.
    path_->post([this, what] { answer(what, {}); });
  }
}

void http_resolver::answer(const question& what, const endpoints& found) {
  auto asked = waiting_.extract(what);
  for (auto& done : asked.mapped())
    done(found);
}

} // namespace cosmo::net
