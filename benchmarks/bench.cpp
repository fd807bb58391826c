// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include <cstdio>
#include <functional>
#include <string>
#include <unistd.h>

namespace bench {

void report(std::string_view name, double value, std::string_view unit) {
  std::printf("bench %.*s %.6g %.*s\n", static_cast<int>(name.size()),
              name.data(), value, static_cast<int>(unit.size()), unit.data());
  std::fflush(stdout);
}

double resident_bytes(const std::string& process) {
  long pages_total = 0;
  long pages_resident = 0;
  auto path = "/proc/" + process + "/statm";
  auto file = std::fopen(path.c_str(), "r");
  if (!file)
    return 0;
  if (std::fscanf(file, "%ld %ld", &pages_total, &pages_resident) != 2)
    pages_resident = 0;
  std::fclose(file);
  return static_cast<double>(pages_resident) * sysconf(_SC_PAGESIZE);
}

} // namespace bench

/// Runs all groups of figures, or those named as arguments.
int main(int argc, char** argv) {
  const std::pair<std::string, std::function<void()>> groups[]
    = {{"dispatch", bench::dispatch},  {"publish", bench::publish},
       {"codec", bench::codec},        {"handlers", bench::handlers},
       {"flows", bench::flows},        {"registry", bench::registry},
       {"engram", bench::engrams},     {"supervisor", bench::supervisor},
       {"http", bench::http},          {"sse", bench::sse},
#ifdef COSMO_BENCH_NATS
       {"wire", bench::wire},
#endif
       {"prism", bench::prism},        {"idle", bench::idle},
       {"scheduler", bench::scheduler}};
  for (auto& [name, run] : groups) {
    auto wanted = argc == 1;
    for (int i = 1; i < argc; ++i)
      wanted = wanted || argv[i] == name;
    if (wanted)
      run();
  }
}
