// SPDX-License-Identifier: Apache-2.0
#include "mcp_stdio.hpp"

#include "quoted_text.hpp"
#include <cosmo/log.hpp>

#include <csignal>
#include <sys/wait.h>
#include <utility>

namespace cosmo::net {

namespace {

/// Beyond this a line of the server's log is cut.
constexpr size_t log_line_bytes_max = 16 * 1024;

std::string describe_exit(int status) {
  if (WIFSIGNALED(status))
    return "exited by signal " + std::to_string(WTERMSIG(status));
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

} // namespace

mcp_stdio::mcp_stdio(boost::asio::io_context& context,
                     std::shared_ptr<const mcp_stdio_settings> settings)
  : context_(context),
    settings_(std::move(settings)),
    output_(settings_->message_bytes_max),
    error_output_(log_line_bytes_max),
    grace_(context) {
  // nop
}

void mcp_stdio::open(events handlers) {
  events_ = std::move(handlers);
  auto child = child_process::spawn(context_, settings_->child);
  if (!child)
    return fail(std::move(child.error()));
  child_ = std::move(*child);
  // Strong: this stays until the child has been reaped.
  auto self = shared_from_this();
  child_->watch({
    .output = [self](std::string_view bytes) { self->on_output(bytes); },
    .output_ended = [self] { self->on_output_ended(); },
    .error_output
    = [self](std::string_view bytes) { self->on_error_output(bytes); },
    .exited = [self](int status) { self->on_exit(status); },
  });
}

void mcp_stdio::send(outgoing what) {
  if (is_closed_ || !child_)
    return;
  child_->write(std::move(what.message) + '\n');
  if (child_->queued_bytes() > 2 * settings_->message_bytes_max)
    fail(make_error(ec::too_large,
                    "the MCP server does not read what is sent to it"));
}

void mcp_stdio::close() {
  is_closed_ = true;
  end_child();
}

void mcp_stdio::on_output(std::string_view bytes) {
  auto is_short = output_.feed(bytes, [this](std::string_view line) {
    if (!is_closed_ && !line.empty())
      events_.received(line);
  });
  if (!is_short)
    fail(
      make_error(ec::too_large, "a message of the MCP server is longer than "
                                  + std::to_string(settings_->message_bytes_max)
                                  + " bytes"));
}

void mcp_stdio::on_output_ended() {
  // Its last message may lack the end of the line.
  on_output("\n");
  end_child();
}

void mcp_stdio::on_error_output(std::string_view bytes) {
  auto log = [this](std::string_view line) { log_line(line); };
  if (error_output_.feed(bytes, log))
    return;
  log(error_output_.rest());
  error_output_ = line_splitter{log_line_bytes_max};
}

void mcp_stdio::log_line(std::string_view line) {
  if (line.empty())
    return;
  last_line_ = excerpt(mask(line, settings_->secrets), log_line_bytes_max);
  log::debug("neuron.mcp", "server-log", last_line_);
}

void mcp_stdio::on_exit(int status) {
  grace_.cancel();
  child_.reset();
  log_line(error_output_.rest());
  if (is_closed_)
    return;
  auto text = "MCP server " + describe_exit(status);
  log::warning("neuron.mcp", "server-exited",
               text + ": " + settings_->child.command
                 + (last_line_.empty() ? "" : "; its last words: ")
                 + last_line_);
  fail(make_error(ec::process_exited, std::move(text)));
}

void mcp_stdio::fail(caf::error reason) {
  if (!is_closed_)
    events_.ended(std::move(reason));
}

// -- the end --------------------------------------------------------------

void mcp_stdio::end_child() {
  if (!child_ || std::exchange(is_ending_, true))
    return;
  child_->close_input();
  after(settings_->input_grace, &mcp_stdio::terminate);
}

void mcp_stdio::after(std::chrono::milliseconds grace,
                      void (mcp_stdio::*then)()) {
  grace_.expires_after(grace);
  grace_.async_wait([self = shared_from_this(), then](auto error) {
    if (!error && self->child_)
      (self.get()->*then)();
  });
}

void mcp_stdio::terminate() {
  child_->signal_group(SIGTERM);
  after(settings_->term_grace, &mcp_stdio::kill);
}

void mcp_stdio::kill() {
  child_->signal_group(SIGKILL);
}

} // namespace cosmo::net
