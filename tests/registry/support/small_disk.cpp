// SPDX-License-Identifier: Apache-2.0
#include "small_disk.hpp"

#include <sched.h>

#include <sys/mount.h>

namespace cosmo::test {

namespace {

bool mount_tmpfs(const std::string& where, unsigned long flags, size_t bytes) {
  const auto options = "size=" + std::to_string(bytes);
  return mount("tmpfs", where.c_str(), "tmpfs", flags, options.c_str()) == 0;
}

bool has_own_mounts() {
  static const bool result
    = unshare(CLONE_NEWNS) == 0
      && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return result;
}

} // namespace

small_disk::small_disk(size_t bytes)
  : mounted_(has_own_mounts()
             && mount_tmpfs(folder_.path().string(), 0, bytes)) {
  // nop
}

small_disk::~small_disk() {
  if (mounted_)
    umount2(folder_.path().c_str(), MNT_DETACH);
}

bool small_disk::make_read_only() {
  return mount(nullptr, folder_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY,
               nullptr)
         == 0;
}

bool small_disk::resize(size_t bytes) {
  return mount_tmpfs(folder_.path().string(), MS_REMOUNT, bytes);
}

} // namespace cosmo::test
