// SPDX-License-Identifier: Apache-2.0
#include <cosmo/subject.hpp>

#include <algorithm>

namespace cosmo {

namespace {

std::string prefix_of(std::string_view name_space) {
  return "cosmonapse." + std::string{name_space} + '.';
}

bool spoils_name_space(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F || c == '.' || c == '*' || c == '>';
}

} // namespace

std::vector<std::string_view> split_subject(std::string_view text) {
  std::vector<std::string_view> result;
  for (;;) {
    auto dot = text.find('.');
    result.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos)
      return result;
    text.remove_prefix(dot + 1);
  }
}

caf::error check_name_space(std::string_view text) {
  if (!text.empty() && std::ranges::none_of(text, spoils_name_space))
    return {};
  return make_error(ec::bad_argument,
                    "namespace must be non-empty and without '.', '*', '>', "
                    "white space and control characters: '"
                      + std::string{text} + "'");
}

subject signal_subject(std::string_view name_space, signal_type type) {
  return subject{prefix_of(name_space).append(to_string(type))};
}

subject routed_task_subject(std::string_view name_space) {
  return subject{prefix_of(name_space) + "TASK.routed"};
}

std::string routed_task_group(std::vector<std::string> capabilities) {
  std::ranges::sort(capabilities);
  auto rest = std::ranges::unique(capabilities);
  capabilities.erase(rest.begin(), rest.end());
  std::string result = "caps:";
  for (auto& capability : capabilities) {
    if (&capability != capabilities.data())
      result += ',';
    result += capability;
  }
  return result;
}

} // namespace cosmo
