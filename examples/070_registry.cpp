// SPDX-License-Identifier: Apache-2.0
//
// What you learn: who is there. A Dendrite with a registry store writes down
// every Neuron that announces itself; the file outlives the program and may be
// shared.
// Run: build/dev/bin/example_070_registry [file]

#include <cosmo/runtime.hpp>
#include <cosmo/sqlite_registry_store.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

namespace {

void print(const std::string& title,
           const caf::expected<std::vector<cosmo::neuron_record>>& found) {
  std::cout << title << ':';
  if (!found)
    std::cout << ' ' << cosmo::describe(found.error());
  else
    for (auto& record : *found)
      std::cout << ' ' << record.neuron_id << " (" << record.status << ')';
  std::cout << '\n';
}

/// One life of the program.
void run(const std::string& file, const std::string& title,
         std::vector<std::string> translators) {
  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto store = std::make_shared<cosmo::sqlite_registry_store>(file);
  auto worker = rt.dendrite(synapse, {.name_space = "demo",
                                      .role = cosmo::role::worker,
                                      .registry_store = store});
  for (auto& neuron_id : translators)
    worker.attach_axon({
      .neuron_id = neuron_id,
      .neuron
      = [](const cosmo::json& input, const cosmo::json&) { return input; },
      .capabilities = {"translate"},
    });
  if (auto scope = cosmo::running(worker))
    print(title + ", running", worker.find_neurons("translate"));
  print(title + ", stopped",
        worker.registry_snapshot({.include_deregistered = true}));
}

} // namespace

int main(int argc, char** argv) {
  auto file = argc > 1 ? std::filesystem::path{argv[1]}
                       : std::filesystem::temp_directory_path()
                           / "cosmo-example-070.db";
  std::filesystem::remove(file);
  run(file, "first life", {"german", "french"});
  run(file, "second life", {"french", "greek"});
}

// Expected output:
// first life, running: german (registered) french (registered)
// first life, stopped: german (deregistered) french (deregistered)
// second life, running: french (registered) greek (registered)
// second life, stopped: german (deregistered) french (deregistered) greek
// (deregistered)
