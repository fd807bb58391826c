// SPDX-License-Identifier: Apache-2.0
#include "interruptible_input.hpp"

#include <catch2/catch_test_macros.hpp>

#include <future>
#include <string>
#include <unistd.h>

using cosmo::cli::interruptible_input;
using cosmo::cli::interruption;

namespace {

struct fixture {
  fixture() {
    REQUIRE(::pipe(ends) == 0);
  }

  ~fixture() {
    close(ends[0]);
    close(ends[1]);
  }

  void type(const std::string& text) const {
    CHECK(write(ends[1], text.data(), text.size())
          == static_cast<ssize_t>(text.size()));
  }

  int ends[2];
  interruption over;
};

} // namespace

TEST_CASE_METHOD(fixture, "lines are read as they are typed", "[cli][input]") {
  interruptible_input input{ends[0], over};
  std::string line;
  type("one\ntw");
  CHECK(std::getline(input.stream(), line));
  CHECK(line == "one");
  type("o\n");
  CHECK(std::getline(input.stream(), line));
  CHECK(line == "two");
}

TEST_CASE_METHOD(fixture, "who waits for a line can be interrupted",
                 "[cli][input]") {
  interruptible_input input{ends[0], over};
  auto reader = std::async(std::launch::async, [&] {
    std::string line;
    return static_cast<bool>(std::getline(input.stream(), line));
  });
  over.raise();
  REQUIRE(reader.wait_for(std::chrono::seconds{20})
          == std::future_status::ready);
  CHECK(!reader.get());
}
