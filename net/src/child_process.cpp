// SPDX-License-Identifier: Apache-2.0
#include "child_process.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <spawn.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cosmo::net {

namespace asio = boost::asio;

namespace {

/// What an ended child can have left in its pipes is much less; more comes
/// from somebody it has started and who has escaped its group.
constexpr size_t drained_bytes_max = 1024 * 1024;

class unique_fd {
public:
  explicit unique_fd(int fd = -1) : fd_(fd) {
    // nop
  }

  unique_fd(unique_fd&& other) noexcept : fd_(other.release()) {
    // nop
  }

  unique_fd& operator=(unique_fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~unique_fd() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const noexcept {
    return fd_;
  }

  int release() noexcept {
    return std::exchange(fd_, -1);
  }

private:
  int fd_;
};

/// Ends a child that nobody watches yet.
class unwatched_child {
public:
  explicit unwatched_child(pid_t pid) : pid_(pid) {
    // nop
  }

  unwatched_child(const unwatched_child&) = delete;
  unwatched_child& operator=(const unwatched_child&) = delete;

  ~unwatched_child() {
    if (pid_ == 0)
      return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  void release() noexcept {
    pid_ = 0;
  }

private:
  pid_t pid_;
};

/// The descriptor stays with `from` if this throws.
void move_into(asio::posix::stream_descriptor& to, unique_fd& from) {
  to.assign(from.get());
  from.release();
}

struct pipe_ends {
  unique_fd reading;
  unique_fd writing;
};

/// Above the standard streams, which the child's are copied onto, even if this
/// program has closed its own.
unique_fd above_standard_streams(unique_fd fd) {
  if (fd.get() > STDERR_FILENO)
    return fd;
  return unique_fd{::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
}

std::optional<pipe_ends> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0)
    return std::nullopt;
  pipe_ends result{above_standard_streams(unique_fd{fds[0]}),
                   above_standard_streams(unique_fd{fds[1]})};
  if (result.reading.get() < 0 || result.writing.get() < 0)
    return std::nullopt;
  return result;
}

class file_actions {
public:
  file_actions() {
    ::posix_spawn_file_actions_init(&actions_);
  }

  ~file_actions() {
    ::posix_spawn_file_actions_destroy(&actions_);
  }

  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;

  posix_spawn_file_actions_t* get() {
    return &actions_;
  }

private:
  posix_spawn_file_actions_t actions_;
};

class spawn_attributes {
public:
  spawn_attributes() {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP
                                               | POSIX_SPAWN_SETSIGMASK
                                               | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    // The I/O thread takes no signals, and programs may ignore some.
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    for (auto signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD})
      sigaddset(&signals, signal);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
  }

  ~spawn_attributes() {
    ::posix_spawnattr_destroy(&attributes_);
  }

  spawn_attributes(const spawn_attributes&) = delete;
  spawn_attributes& operator=(const spawn_attributes&) = delete;

  posix_spawnattr_t* get() {
    return &attributes_;
  }

private:
  posix_spawnattr_t attributes_;
};

std::vector<char*> null_terminated(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// @returns an `errno` value, 0 if all went well.
int spawn_child(const child_options& options, const pipe_ends& input,
                const pipe_ends& output, const pipe_ends& error_output,
                pid_t& pid) {
  file_actions actions;
  ::posix_spawn_file_actions_adddup2(actions.get(), input.reading.get(),
                                     STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(actions.get(), output.writing.get(),
                                     STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(actions.get(), error_output.writing.get(),
                                     STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), STDERR_FILENO + 1);
  if (!options.cwd.empty())
    ::posix_spawn_file_actions_addchdir_np(actions.get(), options.cwd.c_str());
  spawn_attributes attributes;
  std::vector<std::string> args{options.command};
  args.insert(args.end(), options.args.begin(), options.args.end());
  std::vector<std::string> environment;
  for (const auto& [name, value] : options.environment)
    environment.push_back(name + "=" + value);
  return ::posix_spawnp(&pid, options.command.c_str(), actions.get(),
                        attributes.get(), null_terminated(args).data(),
                        null_terminated(environment).data());
}

caf::error cannot_start(const child_options& options, int code) {
  auto text = "cannot start MCP server " + options.command;
  if (!options.cwd.empty())
    text += " in " + options.cwd;
  return make_error(ec::process_exited,
                    text + ": " + std::generic_category().message(code));
}

} // namespace

caf::expected<std::shared_ptr<child_process>>
child_process::spawn(asio::io_context& context, const child_options& options) {
  auto input = make_pipe();
  auto output = make_pipe();
  auto error_output = make_pipe();
  if (!input || !output || !error_output)
    return cannot_start(options, errno);
  pid_t pid = 0;
  if (auto code = spawn_child(options, *input, *output, *error_output, pid))
    return cannot_start(options, code);
  unwatched_child child{pid};
  // Not by glibc's function: its header does not know C++ before 2.37.
  unique_fd exit{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  if (exit.get() < 0)
    return cannot_start(options, errno);
  try {
    std::shared_ptr<child_process> result{new child_process(context, pid)};
    move_into(result->exit_, exit);
    move_into(result->input_, input->writing);
    move_into(result->output_, output->reading);
    move_into(result->error_output_, error_output->reading);
    result->output_.non_blocking(true);
    result->error_output_.non_blocking(true);
    child.release();
    return result;
  } catch (const std::system_error& error) {
    // The system has no room for one more descriptor to watch.
    return cannot_start(options, error.code().value());
  }
}

child_process::child_process(asio::io_context& context, pid_t pid)
  : pid_(pid),
    exit_(context),
    input_(context),
    output_(context),
    error_output_(context) {
  // nop
}

void child_process::watch(events handlers) {
  events_ = std::move(handlers);
  read_on(output_, &events::output);
  read_on(error_output_, &events::error_output);
  exit_.async_wait(descriptor::wait_read,
                   [self = shared_from_this()](auto error) {
                     if (!error)
                       self->on_exit();
                   });
}

void child_process::write(std::string bytes) {
  if (!input_.is_open())
    return;
  queued_bytes_ += bytes.size();
  queue_.push_back(std::move(bytes));
  if (queue_.size() == 1)
    write_next();
}

void child_process::close_input() {
  boost::system::error_code ignored;
  input_.close(ignored);
}

void child_process::signal_group(int signal) {
  // Once reaped, the number may be somebody else's.
  if (!has_exited_)
    ::kill(-pid_, signal);
}

/// Waits before it reads, so that no bytes are ever on their way when the
/// child's exit is noticed.
void child_process::read_on(descriptor& from, reader to) {
  from.async_wait(
    descriptor::wait_read, [self = shared_from_this(), &from, to](auto error) {
      auto is_empty = false;
      if (!error && from.is_open() && self->read_chunk(from, to, is_empty))
        self->read_on(from, to);
    });
}

bool child_process::read_chunk(descriptor& from, reader to, bool& is_empty) {
  boost::system::error_code error;
  auto size = from.read_some(asio::buffer(chunk_), error);
  if (size > 0)
    (events_.*to)({chunk_.data(), size});
  is_empty = error == asio::error::would_block;
  if (!error || is_empty)
    return from.is_open();
  from.close(error);
  if (to == &events::output)
    events_.output_ended();
  return false;
}

void child_process::drain(descriptor& from, reader to) {
  auto is_empty = false;
  for (size_t taken = 0;
       !is_empty && from.is_open() && taken < drained_bytes_max;
       taken += chunk_.size())
    if (!read_chunk(from, to, is_empty))
      return;
  boost::system::error_code ignored;
  from.close(ignored);
}

void child_process::write_next() {
  asio::async_write(input_, asio::buffer(queue_.front()),
                    [self = shared_from_this()](auto error, size_t) {
                      self->queued_bytes_ -= self->queue_.front().size();
                      self->queue_.pop_front();
                      if (error)
                        self->close_input();
                      else if (!self->queue_.empty())
                        self->write_next();
                    });
}

void child_process::on_exit() {
  // Nobody of the group survives the child. It still has its number: that is
  // given back by `waitpid`.
  signal_group(SIGKILL);
  drain(output_, &events::output);
  drain(error_output_, &events::error_output);
  close_input();
  int status = 0;
  ::waitpid(pid_, &status, 0);
  has_exited_ = true;
  boost::system::error_code ignored;
  exit_.close(ignored);
  // The handlers may hold what holds this.
  auto handlers = std::exchange(events_, {});
  handlers.exited(status);
}

} // namespace cosmo::net
