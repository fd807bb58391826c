// SPDX-License-Identifier: Apache-2.0
#include "text_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace cosmo::cli {

caf::error write_text_file(const std::filesystem::path& path,
                           std::string_view text) {
  errno = 0;
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file)
    return make_error(ec::store_io, "cannot write " + path.string() + ": "
                                      + std::strerror(errno));
  return {};
}

} // namespace cosmo::cli
