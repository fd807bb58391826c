// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json_fwd.hpp>

#include <cstdint>

namespace cosmo {

enum class ec : uint8_t;
enum class signal_type : uint8_t;

class acceptance;
class axon;
class effector;
class engram;
class signal;
class signal_type_set;
class subject;
struct blocking_job;
struct call_tool_options;
struct child_info;
struct child_spec;
struct dead_letter;
struct dendrite_hook;
struct directed;
struct dispatch_options;
struct engram_counts;
struct engram_journal_counts;
struct handler_spec;
struct header;
struct hosted_request;
struct imprint_options;
struct imprint_receipt;
struct neuron_record;
struct neuron_result;
struct offer_options;
struct opened_pathway;
struct pathway_callback;
struct recall_options;
struct recall_result;
struct refresh_event;
struct registry_change;
struct registry_filter;
struct rollback_order;
struct rollback_report;
struct subscription;
struct tool_outcome;
struct world;

} // namespace cosmo

namespace cosmo::payload {

struct agent_output;
struct audit;
struct bid;
struct clarification;
struct clarification_answer;
struct consensus;
struct context_sync;
struct critique;
struct deregister;
struct discover;
struct error;
struct escalation;
struct final_;
struct heartbeat;
struct imprint;
struct imprinted;
struct memory_append;
struct permission;
struct permission_decision;
struct plan;
struct recall;
struct recalled;
struct register_;
struct stop;
struct stopped;
struct task;
struct task_awarded;
struct task_declined;
struct task_offer;
struct thought_delta;
struct tool_call;
struct tool_result;

} // namespace cosmo::payload
