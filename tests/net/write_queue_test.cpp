// SPDX-License-Identifier: Apache-2.0
#include "write_queue.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace cosmo::net;

namespace {

/// All that waits, block by block.
std::string drain(write_queue& from, block_store& to) {
  std::string result;
  while (!from.empty()) {
    auto block = from.pop();
    result += block.front();
    to.give_back(std::move(block));
  }
  return result;
}

} // namespace

TEST_CASE("What waits to be written keeps its order", "[net][write_queue]") {
  block_store blocks;
  write_queue queue{blocks};
  CHECK(queue.empty());
  CHECK(queue.front().empty());
  std::string expected;
  for (auto i = 0; i < 50'000; ++i) {
    auto line = std::to_string(i) + '\n';
    queue.append(line);
    expected += line;
  }
  CHECK(queue.size() == expected.size());
  CHECK(queue.front().size() <= block_store::block_bytes);
  CHECK(drain(queue, blocks) == expected);
  CHECK(queue.size() == 0);
}

TEST_CASE("A text longer than a block is one piece", "[net][write_queue]") {
  block_store blocks;
  write_queue queue{blocks};
  const std::string text(3 * block_store::block_bytes, 'x');
  queue.append("a");
  queue.append(text);
  queue.append("b");
  CHECK(queue.front() == "a");
  queue.remove_prefix(1);
  CHECK(queue.front() == text);
  CHECK(drain(queue, blocks) == text + 'b');
}

TEST_CASE("A part of what waits can be taken off", "[net][write_queue]") {
  block_store blocks;
  write_queue queue{blocks};
  queue.room_for(6).append("abc").append("def");
  queue.remove_prefix(4);
  CHECK(queue.front() == "ef");
  CHECK(queue.size() == 2);
  queue.append("g");
  queue.remove_prefix(3);
  CHECK(queue.empty());
  queue.append("h");
  queue.clear();
  CHECK(queue.empty());
  CHECK(queue.front().empty());
}

TEST_CASE("Blocks are used again, but for those that have grown",
          "[net][write_queue]") {
  block_store blocks;
  auto block = blocks.take();
  block.front().assign(1'000, 'x');
  const auto* memory = block.front().data();
  blocks.give_back(std::move(block));
  auto again = blocks.take();
  CHECK(again.front().empty());
  CHECK(again.front().data() == memory);
  again.front().assign(10 * block_store::block_bytes, 'x');
  blocks.give_back(std::move(again));
  CHECK(blocks.take().front().capacity() < block_store::block_bytes);
}
