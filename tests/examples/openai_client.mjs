// The npm client `openai` talks to the example gateway as to OpenAI itself.
//
//   node openai_client.mjs PROGRAM FOLDER_WITH_NODE_MODULES

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [program, folder] = process.argv.slice(2);
const { default: OpenAI } = createRequire(folder + '/')('openai');

const service = spawn(program, ['0', '2000'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const exited = once(service, 'exit');
process.on('exit', () => service.kill('SIGKILL'));
const lines = createInterface({ input: service.stdout });
const [first] = await once(lines, 'line');
const client = new OpenAI({
  baseURL: first.replace('listening on ', '') + '/v1',
  apiKey: 'any',
  maxRetries: 0,
  timeout: 20_000,
});

const chat = (model, content, more = {}) =>
  client.chat.completions.create({
    model,
    messages: [{ role: 'user', content }],
    ...more,
  });

// -- models ---------------------------------------------------------------------

const models = await client.models.list();
assert.deepEqual(
  models.data.map((model) => model.id),
  ['llama', 'parrot', 'shy'],
);
assert.equal((await client.models.retrieve('shy')).id, 'shy');
await assert.rejects(client.models.retrieve('calculator'), OpenAI.NotFoundError);

// -- whole answers --------------------------------------------------------------

const answer = await chat('parrot', 'Hello there');
assert.equal(answer.object, 'chat.completion');
assert.equal(answer.choices[0].message.content, 'Hello there');
assert.equal(answer.choices[0].finish_reason, 'stop');
const modelled = await chat('llama', 'Hi');
assert.match(modelled.choices[0].message.content, /You said: Hi$/);
assert.equal(modelled.usage.prompt_tokens, 2);
const question = await chat('shy', 'Hi');
assert.equal(question.choices[0].message.content, 'Which one do you mean?');

// -- streamed answers -----------------------------------------------------------

const read = async (stream) => {
  const pieces = [];
  let usage = null;
  let reason = null;
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
    if (choice?.delta.content) pieces.push(choice.delta.content);
    reason = choice?.finish_reason ?? reason;
    usage = chunk.usage ?? usage;
  }
  return { pieces, usage, reason };
};
assert.deepEqual(await read(await chat('parrot', 'One two three', { stream: true })), {
  pieces: ['One', ' two', ' three'],
  usage: null,
  reason: 'stop',
});
const whole = await read(
  await chat('llama', 'Hi', {
    stream: true,
    stream_options: { include_usage: true },
  }),
);
assert.equal(whole.pieces.length, 1);
assert.equal(whole.usage.prompt_tokens, 2);
const helped = client.chat.completions.stream({
  model: 'parrot',
  messages: [{ role: 'user', content: 'With a helper' }],
});
assert.equal(await helped.finalContent(), 'With a helper');

// -- what goes wrong --------------------------------------------------------------

const fails = async (pending, kind, status, code) => {
  const error = await pending.then(
    () => assert.fail('there is no error'),
    (reason) => reason,
  );
  assert(error instanceof kind, String(error));
  assert.equal(error.status, status);
  assert.equal(error.code, code);
};
await fails(chat('nobody', 'Hi'), OpenAI.NotFoundError, 404, 'model_not_found');
await fails(chat('calculator', '1+1'), OpenAI.NotFoundError, 404, 'model_not_found');
await fails(chat('parrot', 'Hi', { messages: [] }), OpenAI.BadRequestError, 400, null);
await fails(chat('parrot', 'fail'), OpenAI.InternalServerError, 502, 'NEURON_EXCEPTION');
await fails(chat('parrot', 'wait'), OpenAI.InternalServerError, 504, 'timeout');
await fails(
  chat('parrot', 'fail', { stream: true }),
  OpenAI.InternalServerError,
  502,
  'NEURON_EXCEPTION',
);

// -- a client that goes away ------------------------------------------------------

const controller = new AbortController();
const aborted = client.chat.completions.create(
  { model: 'parrot', messages: [{ role: 'user', content: 'wait' }], stream: true },
  { signal: controller.signal },
);
controller.abort();
await assert.rejects(aborted, OpenAI.APIUserAbortError);

service.kill('SIGTERM');
assert.deepEqual(await exited, [0, null]);
console.log('the openai client and the gateway understand each other');
