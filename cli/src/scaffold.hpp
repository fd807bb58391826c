// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The project that `cosmo init` writes. @source synapse-and-cli.md 9.11
namespace cosmo::cli {

/// A file of a project: its path, relative to the project, and its text.
struct scaffold_file {
  std::string path;
  std::string text;
};

/// What differs between projects.
struct scaffold_options {
  std::string project;
  std::string name_space;
};

/// A file as it stands in cli/templates, with `@placeholders@`.
struct scaffold_template {
  std::string_view path;
  std::string_view text;
};

/// All of them, in the order in which they are to be read.
std::span<const scaffold_template> scaffold_templates() noexcept;

/// The files of a project.
std::vector<scaffold_file> scaffold(const scaffold_options& options);

} // namespace cosmo::cli
