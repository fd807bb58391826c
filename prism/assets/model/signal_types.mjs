// SPDX-License-Identifier: Apache-2.0

// What the page knows about each type of Signal: its family, which gives it a
// colour, and which way it travels between a participant and the Synapse.

const families = {
  task: ["TASK", "TASK_AWARDED"],
  output: ["AGENT_OUTPUT", "FINAL"],
  error: ["ERROR"],
  market: ["TASK_OFFER", "BID", "TASK_DECLINED"],
  thought: [
    "THOUGHT_DELTA", "PLAN", "CRITIQUE", "CONSENSUS", "ESCALATION", "AUDIT",
  ],
  tool: ["TOOL_CALL", "TOOL_RESULT"],
  memory: [
    "RECALL", "RECALLED", "IMPRINT", "IMPRINTED", "MEMORY_APPEND",
    "CONTEXT_SYNC",
  ],
  human: [
    "CLARIFICATION", "CLARIFICATION_ANSWER", "PERMISSION",
    "PERMISSION_DECISION",
  ],
  stop: ["STOP", "STOPPED"],
  lifecycle: ["REGISTER", "DEREGISTER", "HEARTBEAT", "DISCOVER"],
};

const family_by_type = new Map(
  Object.entries(families).flatMap(([family, types]) =>
    types.map((type) => [type, family])));

export const known_types = [...family_by_type.keys()].sort();

export const family_names = Object.keys(families);

/** A type from the future has no family of its own. */
export const family_of = (type) => family_by_type.get(type) ?? "thought";

export const is_lifecycle = (type) => family_of(type) === "lifecycle";

export const is_memory = (type) => family_of(type) === "memory";

const from_synapse = new Set([
  "TASK", "TASK_OFFER", "TASK_AWARDED", "TASK_DECLINED", "RECALLED",
  "IMPRINTED", "TOOL_RESULT", "CLARIFICATION_ANSWER", "PERMISSION_DECISION",
]);

/** Requests that name who is asked, and the answers to them, which name who
 *  answers: whoever asked is found by parent_id. */
const requests_to = new Set(["RECALL", "IMPRINT", "TOOL_CALL"]);
const answers_of = new Set(["RECALLED", "IMPRINTED", "TOOL_RESULT"]);
const decisions = new Set(["CLARIFICATION_ANSWER", "PERMISSION_DECISION"]);

/**
 * The ways of a Signal across the picture, in order: each
 * {participant, inward}, inward being towards the Synapse.
 * @param find a Signal by its id, among those still known
 */
export function legs_of(signal, find) {
  const named = signal.directed.id;
  const parent = signal.parent ? find(signal.parent) : undefined;
  const legs = [];
  const add = (participant, inward) => {
    if (participant)
      legs.push({ participant, inward });
  };
  if (requests_to.has(signal.type)) {
    add(parent?.directed.id, true);
    add(named, false);
  } else if (answers_of.has(signal.type)) {
    const asked_in = parent?.parent ? find(parent.parent) : undefined;
    add(named, true);
    add(asked_in?.directed.id, false);
  } else if (decisions.has(signal.type)) {
    add(parent?.directed.id ?? named, false);
  } else {
    add(named, !from_synapse.has(signal.type));
  }
  return legs;
}
