// SPDX-License-Identifier: Apache-2.0
#include "lock_holder.hpp"

#include <sqlite3.h>

#include <sys/wait.h>
#include <unistd.h>

namespace cosmo::test {

namespace {

[[noreturn]] void hold(const char* path, const char* begin, int leash,
                       int signal) {
  sqlite3* db = nullptr;
  auto locked
    = sqlite3_open(path, &db) == SQLITE_OK
      && sqlite3_exec(db, begin, nullptr, nullptr, nullptr) == SQLITE_OK;
  char byte = locked ? 'y' : 'n';
  if (write(signal, &byte, 1) == 1)
    while (read(leash, &byte, 1) > 0)
      continue;
  // Neither destructors nor handlers of the parent.
  _exit(0);
}

} // namespace

lock_holder::lock_holder(const std::string& path, const char* begin) {
  int leash[2];
  int signal[2];
  if (pipe(leash) != 0)
    return;
  if (pipe(signal) != 0) {
    close(leash[0]);
    close(leash[1]);
    return;
  }
  child_ = fork();
  if (child_ == 0) {
    close(leash[1]);
    close(signal[0]);
    hold(path.c_str(), begin, leash[0], signal[1]);
  }
  close(leash[0]);
  close(signal[1]);
  leash_ = leash[1];
  char byte = 'n';
  holds_ = read(signal[0], &byte, 1) == 1 && byte == 'y';
  close(signal[0]);
}

lock_holder::~lock_holder() {
  if (leash_ >= 0)
    close(leash_);
  if (child_ > 0)
    waitpid(child_, nullptr, 0);
}

} // namespace cosmo::test
