// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>

namespace cosmo::net {

/// Memory for bytes on their way out, in blocks that are used again: one text
/// that grows to megabytes and shrinks costs more in page faults than all that
/// is done with its bytes.
/// @affinity one thread at a time
class block_store {
public:
  using block = std::list<std::string>;

  /// How much a block takes, unless one text is longer.
  static constexpr size_t block_bytes = 64 * 1024;

  /// One that is empty.
  block take();

  void give_back(block used);

private:
  static constexpr size_t blocks_max = 64;

  block idle_;
};

/// Bytes that wait to be written, in order.
/// @affinity one thread at a time
class write_queue {
public:
  /// @param blocks outlives the queue.
  explicit write_queue(block_store& blocks) : blocks_(blocks) {
    // nop
  }

  bool empty() const noexcept {
    return size_ == 0;
  }

  /// In bytes.
  size_t size() const noexcept {
    return size_;
  }

  void append(std::string_view bytes) {
    room_for(bytes.size()).append(bytes);
  }

  /// Where to append `count` bytes at once; they count as appended.
  std::string& room_for(size_t count);

  /// The oldest bytes; empty if there are none.
  std::string_view front() const noexcept {
    return waiting_.empty() ? std::string_view{} : waiting_.front();
  }

  /// Takes `count` bytes off the front.
  void remove_prefix(size_t count);

  /// Takes the oldest block.
  /// @pre there is one.
  block_store::block pop();

  void clear();

private:
  block_store& blocks_;
  block_store::block waiting_;
  size_t size_ = 0;
};

} // namespace cosmo::net
