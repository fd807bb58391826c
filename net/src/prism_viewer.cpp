// SPDX-License-Identifier: Apache-2.0
#include "prism_viewer.hpp"

#include <cosmo/codec.hpp>
#include <cosmo/log.hpp>
#include <cosmo/subject.hpp>

#include <utility>

namespace cosmo::net {

namespace {

/// What comes from a bus goes to the browser as the codec writes it: a browser
/// cuts a connection that carries what is not Unicode.
void show(const websocket& browser, std::string_view frame,
          const world& outside) {
  auto sig = decode(frame, outside);
  auto text = sig ? encode(*sig) : caf::expected<std::string>{sig.error()};
  if (text)
    browser.send(std::move(*text));
  else
    log::warning("net.prism", "frame-dropped", describe(text.error()));
}

} // namespace

void prism_viewer::watch(const websocket& browser, const observe& feed,
                         const std::string& url, const std::string& name_space,
                         const world& outside) {
  if (url.empty())
    return fail(browser, {"no_url", "no Synapse is given: add ?url=..."});
  if (auto error = check_name_space(name_space))
    return fail(browser, {"subscribe_failed", describe(error)});
  auto observation
    = feed(url, name_space,
           {
             .on_frame =
               [browser, outside](std::string_view, std::string_view frame) {
                 show(browser, frame, outside);
               },
             .on_lost =
               [browser](const caf::error& error) {
                 fail(browser, {"synapse_lost", describe(error)});
               },
           });
  if (!observation)
    return fail(browser, fault_of(observation.error()));
  keep(std::move(*observation));
}

void prism_viewer::keep(std::shared_ptr<void> observation) {
  std::unique_lock guard{mutex_};
  if (!has_left_)
    observation_ = std::move(observation);
  // Otherwise it ends here, after the lock.
}

void prism_viewer::leave() {
  std::shared_ptr<void> observation;
  std::unique_lock guard{mutex_};
  has_left_ = true;
  observation.swap(observation_);
}

void prism_viewer::fail(const websocket& browser, const prism_fault& fault) {
  browser.send(to_message(fault));
  browser.close();
}

} // namespace cosmo::net
