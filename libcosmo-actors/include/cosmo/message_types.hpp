// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/fwd.hpp>
#include <cosmo/signal_fwd.hpp>

#include <caf/type_id.hpp>

#include <vector>

/// The only type-id block of the library. Ids are part of the contract between
/// nodes: new entries are appended, none is ever reused.
CAF_BEGIN_TYPE_ID_BLOCK(cosmo, caf::first_custom_type_id + 1000)

  // -- atoms: bus -------------------------------------------------------------

  CAF_ADD_ATOM(cosmo, cosmo, deliver_atom)

  // -- atoms: Dendrite --------------------------------------------------------

  CAF_ADD_ATOM(cosmo, cosmo, answer_atom)
  CAF_ADD_ATOM(cosmo, cosmo, attach_atom)
  CAF_ADD_ATOM(cosmo, cosmo, await_atom)
  CAF_ADD_ATOM(cosmo, cosmo, award_atom)
  CAF_ADD_ATOM(cosmo, cosmo, detach_atom)
  CAF_ADD_ATOM(cosmo, cosmo, discover_atom)
  CAF_ADD_ATOM(cosmo, cosmo, dispatch_atom)
  CAF_ADD_ATOM(cosmo, cosmo, emit_atom)
  CAF_ADD_ATOM(cosmo, cosmo, ensure_atom)
  CAF_ADD_ATOM(cosmo, cosmo, observe_atom)
  CAF_ADD_ATOM(cosmo, cosmo, offer_atom)
  CAF_ADD_ATOM(cosmo, cosmo, refresh_atom)
  CAF_ADD_ATOM(cosmo, cosmo, respond_atom)
  CAF_ADD_ATOM(cosmo, cosmo, start_atom)
  CAF_ADD_ATOM(cosmo, cosmo, stop_atom)
  CAF_ADD_ATOM(cosmo, cosmo, task_atom)

  // -- atoms: Axon ------------------------------------------------------------

  CAF_ADD_ATOM(cosmo, cosmo, cancel_atom)
  CAF_ADD_ATOM(cosmo, cosmo, run_atom)

  // -- atoms: Engram ----------------------------------------------------------

  CAF_ADD_ATOM(cosmo, cosmo, commit_atom)
  CAF_ADD_ATOM(cosmo, cosmo, fail_atom)
  CAF_ADD_ATOM(cosmo, cosmo, imprint_atom)
  CAF_ADD_ATOM(cosmo, cosmo, recall_atom)
  CAF_ADD_ATOM(cosmo, cosmo, rollback_atom)

  // -- atoms: Pathway ---------------------------------------------------------

  CAF_ADD_ATOM(cosmo, cosmo, next_atom)
  CAF_ADD_ATOM(cosmo, cosmo, on_atom)
  CAF_ADD_ATOM(cosmo, cosmo, wait_atom)

  // -- types ------------------------------------------------------------------

  CAF_ADD_TYPE_ID(cosmo, (cosmo::axon))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::axon_reply))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::blocking_job))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::answer_signal))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::dendrite_hook))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::directed))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::dispatch_options))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::ec))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::engram))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::hosted_request))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::handler_spec))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::imprint_options))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::imprint_receipt))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::json))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::neuron_record))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::neuron_result))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::offer_options))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::opened_pathway))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::pathway_callback))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::recall_options))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::recall_result))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::refresh_event))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::registry_change))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::registry_filter))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::rollback_order))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::rollback_report))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::signal))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::signal_type))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::signal_type_set))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::subject))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::subscription))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::task_signal))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::worker_signal))
  CAF_ADD_TYPE_ID(cosmo, (std::vector<cosmo::axon>))
  CAF_ADD_TYPE_ID(cosmo, (std::vector<cosmo::engram>))
  CAF_ADD_TYPE_ID(cosmo, (std::vector<cosmo::neuron_record>))
  CAF_ADD_TYPE_ID(cosmo, (std::vector<cosmo::rollback_order>))
  CAF_ADD_TYPE_ID(cosmo, (std::vector<cosmo::signal>))

  // -- payloads ---------------------------------------------------------------

  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::agent_output))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::audit))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::bid))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::clarification))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::clarification_answer))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::consensus))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::context_sync))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::critique))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::deregister))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::discover))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::error))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::escalation))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::final_))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::heartbeat))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::imprint))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::imprinted))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::memory_append))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::permission))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::permission_decision))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::plan))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::recall))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::recalled))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::register_))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::stop))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::stopped))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::task))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::task_awarded))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::task_declined))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::task_offer))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::thought_delta))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::tool_call))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::payload::tool_result))

  // -- supervisors ------------------------------------------------------------

  CAF_ADD_ATOM(cosmo, cosmo, restart_atom)

  CAF_ADD_TYPE_ID(cosmo, (cosmo::child_info))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::child_spec))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::dead_letter))

  // -- Effectors --------------------------------------------------------------

  CAF_ADD_ATOM(cosmo, cosmo, tool_atom)

  CAF_ADD_TYPE_ID(cosmo, (cosmo::call_tool_options))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::effector))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::tool_outcome))
  CAF_ADD_TYPE_ID(cosmo, (std::vector<cosmo::effector>))

  // -- streams ----------------------------------------------------------------

  CAF_ADD_TYPE_ID(cosmo, (cosmo::acceptance))

  // -- watching ---------------------------------------------------------------

  CAF_ADD_TYPE_ID(cosmo, (cosmo::engram_counts))
  CAF_ADD_TYPE_ID(cosmo, (cosmo::engram_journal_counts))

CAF_END_TYPE_ID_BLOCK(cosmo)
