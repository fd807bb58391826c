// SPDX-License-Identifier: Apache-2.0
#include "interruptible_output.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <future>
#include <string>
#include <unistd.h>

using cosmo::cli::interruptible_output;
using cosmo::cli::interruption;
using namespace std::chrono_literals;

namespace {

/// More than a pipe takes.
const std::string plenty(1024 * 1024, 'x');

struct fixture {
  fixture() {
    REQUIRE(::pipe(ends) == 0);
  }

  ~fixture() {
    close(ends[0]);
    if (ends[1] >= 0)
      close(ends[1]);
  }

  /// All that is written until nobody writes any more.
  std::string read_all() const {
    std::string result;
    char piece[4096];
    for (ssize_t size = 0; (size = ::read(ends[0], piece, sizeof piece)) > 0;)
      result.append(piece, static_cast<size_t>(size));
    return result;
  }

  int ends[2];
  interruption over;
};

} // namespace

TEST_CASE_METHOD(fixture, "what is printed arrives", "[cli][output]") {
  auto reader = std::async(std::launch::async, [this] { return read_all(); });
  {
    interruptible_output output{ends[1], over};
    output.stream() << "one\n" << plenty << std::flush << "two";
    CHECK(output.stream());
  }
  close(std::exchange(ends[1], -1));
  CHECK(reader.get() == "one\n" + plenty + "two");
}

TEST_CASE_METHOD(fixture, "nobody waits for a reader after an interrupt",
                 "[cli][output]") {
  interruptible_output output{ends[1], over, 1ms};
  auto writer = std::async(std::launch::async, [&] {
    output.stream() << plenty << std::flush;
    return static_cast<bool>(output.stream());
  });
  over.raise();
  REQUIRE(writer.wait_for(20s) == std::future_status::ready);
  CHECK(!writer.get());
}

TEST_CASE_METHOD(fixture, "the last words come after an interrupt",
                 "[cli][output]") {
  over.raise();
  {
    interruptible_output output{ends[1], over};
    output.stream() << "bye\n" << std::flush;
    CHECK(output.stream());
  }
  close(std::exchange(ends[1], -1));
  CHECK(read_all() == "bye\n");
}
