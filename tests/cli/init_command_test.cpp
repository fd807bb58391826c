// SPDX-License-Identifier: Apache-2.0
#include "support/cosmo_run.hpp"
#include "support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace cosmo::test;
namespace fs = std::filesystem;

namespace {

struct fixture {
  scratch_folder scratch;
  fs::path here = fs::canonical(scratch.path());

  cosmo_outcome init(std::vector<std::string> options) {
    options.insert(options.begin(), "init");
    return run_cosmo(std::move(options), {.folder = here});
  }

  std::string text_of(const std::string& file) const {
    std::ifstream in{here / file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

// The files of the `+ file` lines.
std::vector<std::string> written(const std::string& out) {
  std::vector<std::string> result;
  std::istringstream lines{out};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("  + "))
      result.push_back(line.substr(4));
  return result;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace

TEST_CASE_METHOD(fixture, "a project is scaffolded, and its files are named",
                 "[cli][init]") {
  const auto outcome = init({"my-app", "--no-git"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.out.starts_with("Scaffolded my-app in "
                                + (here / "my-app").string() + '\n'));
  CHECK(contains(outcome.out, "\nNext:\n  cd my-app\n  cmake -B build"));
  const auto files = written(outcome.out);
  CHECK(files.size() >= 10);
  for (const auto& file : files) {
    INFO(file);
    CHECK(fs::is_regular_file(here / "my-app" / file));
    CHECK(!contains(text_of("my-app/" + file), "@"));
  }
  for (const auto* file :
       {"CMakeLists.txt", "README.md", "brain.cpp", "config.hpp", ".gitignore",
        "neurons/hello.cpp", "engram/store.cpp", "effector/tools.cpp",
        "receptors/terminal.cpp"})
    CHECK(std::count(files.begin(), files.end(), file) == 1);
}

TEST_CASE_METHOD(fixture, "name and namespace have defaults", "[cli][init]") {
  CHECK(init({"--no-git"}).code == 0);
  CHECK(contains(text_of("cosmonapse-app/config.hpp"), "= \"demo\";"));
  CHECK(contains(text_of("cosmonapse-app/README.md"), "# cosmonapse-app\n"));
  CHECK(init({"other", "--no-git", "-n", "tests"}).code == 0);
  CHECK(contains(text_of("other/config.hpp"), "= \"tests\";"));
}

TEST_CASE_METHOD(fixture, "a dot scaffolds here", "[cli][init]") {
  const auto outcome = init({".", "--no-git"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("Scaffolded " + here.filename().string()
                                + " in " + here.string() + '\n'));
  CHECK(!contains(outcome.out, "  cd "));
  CHECK(fs::exists(here / "brain.cpp"));
}

TEST_CASE_METHOD(fixture, "the project may lie deeper, and end in a slash",
                 "[cli][init]") {
  const auto outcome = init({"a/b/../c/", "--no-git"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("Scaffolded c in " + (here / "a" / "c").string()
                                + '\n'));
  CHECK(fs::exists(here / "a" / "c" / "brain.cpp"));
}

TEST_CASE_METHOD(fixture, "what is there already is overwritten only by force",
                 "[cli][init]") {
  REQUIRE(init({"app", "--no-git"}).code == 0);
  std::ofstream{here / "app" / "brain.cpp"} << "mine";
  const auto refused = init({"app", "--no-git"});
  CHECK(refused.code == 1);
  CHECK(refused.out.empty());
  CHECK(contains(refused.err, "already contains CMakeLists.txt, "));
  CHECK(contains(refused.err, "brain.cpp"));
  CHECK(contains(refused.err, "--force"));
  CHECK(text_of("app/brain.cpp") == "mine");
  const auto forced = init({"app", "--no-git", "--force"});
  CHECK(forced.code == 0);
  CHECK(contains(text_of("app/brain.cpp"), "int main()"));
}

TEST_CASE_METHOD(fixture, "foreign files do not matter", "[cli][init]") {
  fs::create_directory(here / "app");
  std::ofstream{here / "app" / "notes.txt"} << "mine";
  CHECK(init({"app", "--no-git"}).code == 0);
  CHECK(text_of("app/notes.txt") == "mine");
}

TEST_CASE_METHOD(fixture, "an existing .gitignore is never touched",
                 "[cli][init]") {
  fs::create_directory(here / "app");
  std::ofstream{here / "app" / ".gitignore"} << "mine";
  for (const auto& options : std::vector<std::vector<std::string>>{
         {"app", "--no-git"}, {"app", "--no-git", "--force"}}) {
    const auto outcome = init(options);
    CHECK(outcome.code == 0);
    CHECK(!contains(outcome.out, "+ .gitignore"));
    CHECK(text_of("app/.gitignore") == "mine");
  }
  REQUIRE(init({"other", "--no-git"}).code == 0);
  CHECK(contains(text_of("other/.gitignore"), ".env\n"));
  CHECK(contains(text_of("other/.gitignore"), "_archive/\n"));
}

TEST_CASE_METHOD(fixture, "a repository is started unless there is one",
                 "[cli][init]") {
  const auto first = init({"app"});
  CHECK(first.code == 0);
  CHECK(contains(first.out, "git: "));
  CHECK(fs::exists(here / "app" / ".git"));
  const auto inside = init({"app/inner"});
  CHECK(inside.code == 0);
  CHECK(contains(inside.out, "note: " + (here / "app").string()
                               + " is a repository already"));
  CHECK(!contains(inside.out, "git: "));
  CHECK(!fs::exists(here / "app" / "inner" / ".git"));
  const auto without = init({"bare", "--no-git"});
  CHECK(!contains(without.out, "git: "));
  CHECK(!fs::exists(here / "bare" / ".git"));
}

TEST_CASE_METHOD(fixture, "the repository is the project's whatever is around",
                 "[cli][init]") {
  // As in a hook of another repository.
  setenv("GIT_DIR", (here / "another.git").c_str(), 1);
  const auto outcome = init({"app"});
  unsetenv("GIT_DIR");
  CHECK(contains(outcome.out, "git: "));
  CHECK(fs::exists(here / "app" / ".git"));
  CHECK(!fs::exists(here / "another.git"));
}

TEST_CASE_METHOD(fixture, "without git there is a project and a note",
                 "[cli][init]") {
  // Looked up by posix_spawnp in this process' own PATH.
  const std::string path = std::getenv("PATH");
  setenv("PATH", here.c_str(), 1);
  const auto outcome = init({"app"});
  setenv("PATH", path.c_str(), 1);
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, "note: no repository was started: "));
  CHECK(!contains(outcome.out, "  git: "));
  CHECK(fs::exists(here / "app" / "brain.cpp"));
}

TEST_CASE_METHOD(fixture, "strange names make a project that builds",
                 "[cli][init]") {
  CHECK(init({"my (first) app", "-n", R"(a"b\c@project@)", "--no-git"}).code
        == 0);
  CHECK(contains(text_of("my (first) app/CMakeLists.txt"),
                 "project(my__first__app "));
  CHECK(
    contains(text_of("my (first) app/config.hpp"), R"(= "a\"b\\c@project@";)"));
  CHECK(contains(text_of("my (first) app/README.md"), "# my (first) app\n"));
}

TEST_CASE_METHOD(fixture, "where nothing can be written init says where",
                 "[cli][init]") {
  std::ofstream{here / "file"} << "mine";
  const auto below = init({"file/app", "--no-git"});
  CHECK(below.code == 1);
  CHECK(contains(below.err, "file"));
  fs::create_directories(here / "app" / "brain.cpp");
  const auto in_the_way = init({"app", "--no-git", "--force"});
  CHECK(in_the_way.code == 1);
  CHECK(contains(in_the_way.err, "cannot write "
                                   + (here / "app" / "brain.cpp").string()
                                   + ": Is a directory\n"));
  CHECK(in_the_way.out.empty());
}
