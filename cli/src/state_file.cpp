// SPDX-License-Identifier: Apache-2.0
#include "state_file.hpp"

#include "text_file.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/json.hpp>

#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace cosmo::cli {

namespace {

std::filesystem::path folder_of(const console& con) {
  if (const auto given = con.variable("COSMONAPSE_STATE_DIR"); !given.empty())
    return con.resolve(given);
  return con.resolve(con.variable("HOME")) / ".cosmonapse";
}

} // namespace

state_file::state_file(const console& con)
  : path_(folder_of(con) / "registry.json") {
  // nop
}

json state_file::read() const {
  std::ifstream file{path_, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto result = parse_json(text);
  return result && result->is_object() ? std::move(*result) : json::object();
}

json state_file::entries(const std::string& broker) const {
  auto result = json::object();
  const auto all = read();
  if (const auto i = all.find(broker); i != all.end() && i->is_object())
    for (const auto& [name_space, entry] : i->items())
      if (entry.is_object())
        result[name_space] = entry;
  return result;
}

caf::error state_file::remove(const std::string& broker,
                              const std::string& name_space) const {
  auto all = read();
  const auto i = all.find(broker);
  if (i == all.end() || !i->is_object() || i->erase(name_space) == 0)
    return {};
  if (i->empty())
    all.erase(i);
  // Others see the file before or after, but never half of it.
  auto draft = path_;
  draft += "." + std::to_string(getpid());
  if (auto why = write_text_file(draft, all.dump(2) + '\n'))
    return why;
  std::error_code failed;
  std::filesystem::rename(draft, path_, failed);
  return failed ? make_error(ec::store_io, "cannot write " + path_.string()
                                             + ": " + failed.message())
                : caf::error{};
}

} // namespace cosmo::cli
