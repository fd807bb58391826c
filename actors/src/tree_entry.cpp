// SPDX-License-Identifier: Apache-2.0
#include <cosmo/tree_entry.hpp>

#include <mutex>
#include <utility>

namespace cosmo {

class tree_entry::book {
public:
  static const std::shared_ptr<book>& of_program() {
    static const auto result = std::make_shared<book>();
    return result;
  }

  void add(const tree_entry* entry) {
    std::lock_guard guard{mutex_};
    entries_.push_back(entry);
  }

  void remove(const tree_entry* entry) {
    std::lock_guard guard{mutex_};
    std::erase(entries_, entry);
  }

  std::vector<child_info> look() {
    std::vector<child_info> result;
    std::lock_guard guard{mutex_};
    for (auto entry : entries_)
      result.push_back(entry->look_());
    return result;
  }

private:
  std::mutex mutex_;
  std::vector<const tree_entry*> entries_;
};

tree_entry::tree_entry(look fn)
  : book_(book::of_program()), look_(std::move(fn)) {
  book_->add(this);
}

tree_entry::~tree_entry() {
  book_->remove(this);
}

std::vector<child_info> tree_entry::all() {
  return book::of_program()->look();
}

} // namespace cosmo
