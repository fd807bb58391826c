// SPDX-License-Identifier: Apache-2.0
#include "engram_change.hpp"

#include <utility>

namespace cosmo::registry {

namespace {

/// One write, as it is worked out.
class writer {
public:
  writer(engram_core& core, const imprint_request& what)
    : core_(core), what_(what) {
    if (what.merge_key)
      key_ = *what.merge_key;
  }

  engram_change run() {
    const auto known = what_.op == "add" || what_.op == "append"
                       || what_.op == "upsert" || what_.op == "merge"
                       || what_.op == "delete";
    if (!known)
      return {.refused = "unknown op '" + what_.op + "'"};
    if (key_.empty() && (what_.op == "upsert" || what_.op == "merge"))
      return {.refused = what_.op + " requires merge_key"};
    const auto& limits = core_.rules.limits;
    auto why = check_merge_key(key_, limits);
    if (why.empty())
      why = read_entry(what_.entry, limits, draft_);
    if (!why.empty())
      return {.refused = refusal("invalid_entry", why)};
    warn_of_unknown_keys();
    if (what_.op == "add")
      return add();
    if (what_.op == "append")
      return append();
    if (what_.op == "upsert")
      return upsert();
    if (what_.op == "merge")
      return merge();
    return erase();
  }

private:
  engram_change add() {
    if (draft_.id.empty())
      return insert_somewhere();
    auto found = core_.storage.find(draft_.id);
    if (found && found->live())
      return {.refused = refusal("id_collision",
                                 "the id " + json_to_wire(json(draft_.id))
                                   + " is in use")};
    return insert(draft_.id, std::move(found));
  }

  engram_change append() {
    if (draft_.id.empty())
      return insert_somewhere();
    auto found = core_.storage.find(draft_.id);
    if (found && found->live())
      return insert_somewhere();
    return insert(draft_.id, std::move(found));
  }

  engram_change upsert() {
    auto found = core_.storage.current(key_);
    if (!found)
      return add();
    if (auto why = why_not_undoable(*found); !why.empty())
      return {.refused = std::move(why)};
    return replace(std::move(*found), std::move(draft_.content),
                   std::move(draft_.tags), std::move(draft_.meta));
  }

  engram_change merge() {
    auto found = core_.storage.current(key_);
    if (!found)
      return {.refused = "no entry for merge_key='" + key_ + "'"};
    if (!found->damage.empty())
      return {.refused = unreadable(*found)};
    auto content = deep_merge(found->image.content, draft_.content);
    auto tags = union_of(found->image.tags, draft_.tags);
    auto meta = deep_merge(found->image.meta, draft_.meta);
    if (auto why = check_size(content, tags, meta, core_.rules.limits);
        !why.empty())
      return {.refused = refusal("invalid_entry", why)};
    return replace(std::move(*found), std::move(content), std::move(tags),
                   std::move(meta));
  }

  engram_change erase() {
    std::optional<engram_row> found;
    if (!draft_.id.empty())
      found = core_.storage.find(draft_.id);
    else if (!key_.empty())
      found = core_.storage.current(key_);
    if (!found || !found->live())
      return {};
    if (auto why = why_not_undoable(*found); !why.empty())
      return {.refused = std::move(why)};
    auto made = *found;
    made.updated_at = core_.now();
    made.deleted_at = made.updated_at;
    return {.found = std::move(found), .made = std::move(made)};
  }

  engram_change insert_somewhere() {
    // Whoever seeds the ids gets the same ones after a restart.
    auto id = core_.outside.ids->new_engram_id();
    while (core_.storage.find(id))
      id = core_.outside.ids->new_engram_id();
    return insert(std::move(id), std::nullopt);
  }

  engram_change insert(std::string id, std::optional<engram_row> found) {
    const auto now = core_.now();
    engram_row made{.id = std::move(id),
                    .image = {.content = std::move(draft_.content),
                              .tags = std::move(draft_.tags),
                              .meta = std::move(draft_.meta),
                              .created_at = now},
                    .updated_at = now};
    if (!key_.empty())
      made.image.merge_key = key_;
    return {.found = std::move(found), .made = std::move(made)};
  }

  engram_change replace(engram_row found, json content,
                        std::vector<std::string> tags, json meta) {
    engram_row made{.id = found.id,
                    .image = {.content = std::move(content),
                              .tags = std::move(tags),
                              .meta = std::move(meta),
                              .merge_key = found.image.merge_key,
                              .created_at = found.image.created_at,
                              .version = next_version(found.image.version)},
                    .updated_at = core_.now()};
    return {.found = std::move(found), .made = std::move(made)};
  }

  std::string unreadable(const engram_row& row) const {
    return refusal("engram_exception", "the entry " + json_to_wire(json(row.id))
                                         + " cannot be read: " + row.damage);
  }

  /// A trace makes no write that could not be undone, and no receipt could name
  /// an id that is no Unicode.
  std::string why_not_undoable(const engram_row& row) const {
    const auto can_be_replaced
      = row.damage.empty()
        || (what_.trace_id.empty() && !json_to_wire(json(row.id)).empty());
    return can_be_replaced ? std::string{} : unreadable(row);
  }

  void warn_of_unknown_keys() {
    if (!what_.entry.is_object())
      return;
    for (const auto& [key, value] : what_.entry.items())
      if (!is_entry_key(key))
        core_.warn("unknown-entry-key", key, "is not kept");
  }

  engram_core& core_;
  const imprint_request& what_;
  /// Empty: none.
  std::string key_;
  entry_draft draft_;
};

} // namespace

engram_change work_out(engram_core& core, const imprint_request& what) {
  return writer{core, what}.run();
}

} // namespace cosmo::registry
