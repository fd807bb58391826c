// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"
#include "git_repository.hpp"
#include "scaffold.hpp"
#include "text_file.hpp"
#include <cosmo/subject.hpp>

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace cosmo::cli {

namespace {

namespace fs = std::filesystem;

struct init_options {
  std::string name = "cosmonapse-app";
  std::string name_space = "demo";
  bool overwrites = false;
  bool without_git = false;
};

// The user's own, whatever it says.
constexpr std::string_view never_overwritten = ".gitignore";

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

// Without links, dots and a slash at the end.
fs::path project_folder(const fs::path& given, std::error_code& err) {
  auto result = fs::absolute(given, err);
  if (!err)
    result = fs::weakly_canonical(result, err);
  return result.has_filename() ? result : result.parent_path();
}

// Those of `files` that `folder` has already, as a list for people.
std::string already_there(const fs::path& folder,
                          const std::vector<scaffold_file>& files) {
  std::string result;
  for (const auto& file : files)
    if (file.path != never_overwritten && is_there(folder / file.path))
      result += (result.empty() ? "" : ", ") + file.path;
  return result;
}

// Writes the files, and leaves those in `files` that it has written.
caf::error write(const fs::path& folder, std::vector<scaffold_file>& files) {
  std::erase_if(files, [&folder](const scaffold_file& file) {
    return file.path == never_overwritten && is_there(folder / file.path);
  });
  for (const auto& file : files) {
    const auto path = folder / file.path;
    std::error_code err;
    fs::create_directories(path.parent_path(), err);
    if (err)
      return make_error(ec::store_io, "cannot make the folder "
                                        + path.parent_path().string() + ": "
                                        + err.message());
    if (auto failed = write_text_file(path, file.text))
      return failed;
  }
  return {};
}

void begin_history(const fs::path& folder, std::ostream& out) {
  if (const auto around = repository_around(folder)) {
    out << "\nnote: " << around->string()
        << " is a repository already, so none was started\n";
    return;
  }
  if (const auto err = start_repository(folder))
    out << "\nnote: no repository was started: " << message_of(err) << '\n';
  else
    out << "\n  git: started a repository\n";
}

void print_next_steps(const std::string& name, std::ostream& out) {
  out << "\nNext:\n";
  if (name != ".")
    out << "  cd " << name << '\n';
  out << "  cmake -B build && cmake --build build\n"
         "  ./build/brain\n"
         "CMake finds cosmo-actors beside this program if that is installed;\n"
         "otherwise: make install in a clone of it.\n";
}

exit_code init(const init_options& options, const console& con) {
  if (options.name.empty())
    return con.refuse("NAME is empty");
  if (const auto err = check_name_space(options.name_space))
    return con.refuse("--namespace: " + message_of(err));
  std::error_code err;
  const auto folder = project_folder(con.resolve(options.name), err);
  if (err || !folder.has_filename())
    return con.fail("cannot make a project of " + options.name
                    + (err ? ": " + err.message() : ""));
  if (is_there(folder) && !fs::is_directory(folder, err))
    return con.fail(folder.string() + " is no folder");
  const auto project = folder.filename().string();
  auto files = scaffold({.project = project, .name_space = options.name_space});
  if (const auto names = already_there(folder, files);
      !names.empty() && !options.overwrites)
    return con.fail(folder.string() + " already contains " + names
                    + "; --force overwrites them");
  if (const auto failed = write(folder, files))
    return con.fail(message_of(failed));
  auto& out = con.out();
  out << "Scaffolded " << project << " in " << folder.string() << '\n';
  for (const auto& file : files)
    out << "  + " << file.path << '\n';
  if (!options.without_git)
    begin_history(folder, out);
  print_next_steps(options.name, out);
  return exit_code::success;
}

} // namespace

void add_init(command_line& line) {
  auto options = std::make_shared<init_options>();
  auto& command
    = line.add_command("init", "Scaffold a project", build_commands);
  command
    .add_option("NAME", options->name, "Folder of the project, . for here")
    ->type_name(std::string{path_value});
  command
    .add_option("-n,--namespace", options->name_space,
                "Namespace of its Signals")
    ->type_name("NS");
  command.add_flag("--force", options->overwrites,
                   "Overwrite what is there already");
  command.add_flag("--no-git", options->without_git, "Start no git repository");
  line.on(command,
          [options](const console& con) { return init(*options, con); });
}

} // namespace cosmo::cli
