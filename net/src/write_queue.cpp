// SPDX-License-Identifier: Apache-2.0
#include "write_queue.hpp"

namespace cosmo::net {

// -- blocks ------------------------------------------------------------------------

block_store::block block_store::take() {
  block result;
  if (idle_.empty())
    result.emplace_back();
  else
    result.splice(result.end(), idle_, idle_.begin());
  return result;
}

void block_store::give_back(block used) {
  if (used.empty() || idle_.size() >= blocks_max
      || used.front().capacity() > 2 * block_bytes)
    return;
  used.front().clear();
  // The one that was used last is still in the cache.
  idle_.splice(idle_.begin(), used, used.begin());
}

// -- the queue ---------------------------------------------------------------------

std::string& write_queue::room_for(size_t count) {
  if (waiting_.empty()
      || waiting_.back().size() + count > block_store::block_bytes)
    waiting_.splice(waiting_.end(), blocks_.take());
  size_ += count;
  return waiting_.back();
}

void write_queue::remove_prefix(size_t count) {
  size_ -= count;
  auto& first = waiting_.front();
  first.erase(0, count);
  if (first.empty())
    blocks_.give_back(pop());
}

block_store::block write_queue::pop() {
  block_store::block result;
  result.splice(result.end(), waiting_, waiting_.begin());
  size_ -= result.front().size();
  return result;
}

void write_queue::clear() {
  while (!waiting_.empty())
    blocks_.give_back(pop());
}

} // namespace cosmo::net
