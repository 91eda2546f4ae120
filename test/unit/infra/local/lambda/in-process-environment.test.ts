import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../../../../infra/local/clock.ts';
import { type CallFault, NO_FAULTS } from '../../../../../infra/local/contracts.ts';
import type { Environment, Outcome } from '../../../../../infra/local/lambda/environment.ts';
import { createInProcessEnvironment } from '../../../../../infra/local/lambda/in-process-environment.ts';
import { createSimulation, type Simulation } from '../../../../../infra/local/simulation/simulation.ts';

/** Environments of a simulation, each with code of a few lines and a cloud that echoes what it is asked. */

const START_MS = Date.UTC(2001, 0, 1);
const ENDPOINT = 'http://127.0.0.1:4566';
/** The test runner would take an unheard rejection for an error of the test. */
const RUNNERS = process.listeners('unhandledRejection');
const NODE_MODULES = join(import.meta.dirname, '../../../../../node_modules');
const folder = mkdtempSync(join(tmpdir(), 'millrace-in-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

let served: string[];
let events: string[];
let faults: Map<string, CallFault>;
let clockSkewMs: number;
let simulation: Simulation;
let clock: VirtualClock;
let made = 0;

const begin = (seed: number): void => {
  served = [];
  events = [];
  const source = {
    ...NO_FAULTS,
    call: ({ operation }: { readonly operation: string }) => faults.get(operation.replace('GET /', '')),
    clockSkewMs: () => clockSkewMs,
  };
  const onTaskError = (label: string, error: unknown): void => void events.push(`${label}: ${String(error)}`);
  simulation = createSimulation({ seed, faults: source, onEvent: (line) => events.push(line) }, onTaskError);
  clock = createVirtualClock({ startMs: START_MS, scheduler: simulation.scheduler });
  simulation.connect({
    clock,
    endpoint: ENDPOINT,
    dispatch: async ({ target }) => {
      served.push(target);
      return { status: 200, body: `{"asked":"${target}"}` };
    },
  });
};

beforeEach(() => {
  faults = new Map();
  clockSkewMs = 0;
  begin(1);
});

const open = (code: string): Environment => {
  const taskRoot = join(folder, `code-${++made}`);
  mkdirSync(taskRoot);
  const prelude = `
    const http = require('node:http');
    const get = (path) => new Promise((resolve, reject) => {
      http.get('${ENDPOINT}/' + path, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => { text += chunk; });
        response.on('end', () => resolve(JSON.parse(text)));
      }).on('error', reject);
    });
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  `;
  writeFileSync(join(taskRoot, 'index.js'), `${prelude}${code}`);
  return createInProcessEnvironment(
    {
      taskRoot,
      handler: 'index.handler',
      environment: { AWS_LAMBDA_FUNCTION_NAME: 'f', COLOUR: 'red' },
      memorySizeMb: 128,
      sharedClock: clock.shared,
      temporaryFolder: join(folder, `tmp-${made}`),
      logStream: `stream-${made}`,
    },
    simulation.environmentHost(NODE_MODULES),
  );
};

const logged: string[] = [];
let invocations = 0;

const invoke = (environment: Environment, event: unknown = {}): Promise<Outcome> => {
  invocations += 1;
  const requestId = `request-${invocations}`;
  const message = { payload: JSON.stringify(event), requestId, invokedFunctionArn: 'arn', timeoutMs: 3_000 };
  return environment.invoke(message, (text) => logged.push(text));
};

/** Drives the clock until the invocation has ended, at most a minute. */
const answerOf = async (invocation: Promise<Outcome>): Promise<unknown> => {
  let outcome: Outcome | undefined;
  void invocation.then((ended) => {
    outcome = ended;
  });
  await clock.runUntil(() => outcome !== undefined, clock.nowMs() + 60_000);
  return JSON.parse(outcome?.payload ?? '"never answered"');
};

it('shows virtual time with the skew of its clock, its own environment, and the seed instead of chance', async () => {
  clockSkewMs = 250;
  const code = `
    const { randomUUID } = require('node:crypto');
    exports.handler = async () => ({
      now: new Date().toISOString(), stamp: Date.now(), isDate: new Date(5) instanceof Date,
      colour: process.env.COLOUR, home: process.env.HOME ?? 'none',
      chance: [Math.random(), randomUUID(), crypto.randomUUID()],
    });
  `;
  const first = (await answerOf(invoke(open(code)))) as { readonly chance: readonly unknown[] };
  made -= 1;
  rmSync(join(folder, `code-${made + 1}`), { recursive: true });
  begin(1);
  const again = await answerOf(invoke(open(code)));

  expect(first).toMatchObject({
    now: '2001-01-01T00:00:00.250Z',
    stamp: START_MS + 250,
    isDate: true,
    colour: 'red',
    home: 'none',
  });
  expect(new Set(first.chance).size).toBe(3);
  expect(again).toEqual(first);
});

it('keeps module state from one invocation to the next, and gives another environment its own', async () => {
  const code = 'let count = 0; exports.handler = async () => { count += 1; return count; };';
  const environment = open(code);

  const counts = [
    await answerOf(invoke(environment)),
    await answerOf(invoke(environment)),
    await answerOf(invoke(open(code))),
  ];

  expect(counts).toEqual([1, 2, 1]);
});

it('calls the cloud in memory, and reaches nothing else', async () => {
  const environment = open(`
    exports.handler = async ({ url }) => {
      try { return url ? await new Promise((resolve, reject) => http.get(url, resolve).on('error', reject)) : await get('items'); }
      catch (error) { return error.message; }
    };
  `);

  expect(await answerOf(invoke(environment))).toEqual({ asked: '/items' });
  expect(await answerOf(invoke(environment, { url: 'http://169.254.169.254/latest' }))).toBe(
    'connect ENETUNREACH 169.254.169.254: a simulation reaches nothing but 127.0.0.1:4566',
  );
});

it('pauses in virtual time without keeping anything from moving it', async () => {
  const environment = open('exports.handler = async () => { await sleep(2_000); return Date.now(); };');

  expect(await answerOf(invoke(environment))).toBe(START_MS + 2_000);
});

it('is frozen once it has answered: what it left running goes on with its next invocation', async () => {
  const environment = open(`
    const done = {};
    exports.handler = async ({ leave }) => {
      if (leave) {
        void get('left').then(() => { done.answer = Date.now(); });
        setTimeout(() => { done.timer = Date.now(); }, 10);
      } else await sleep(1);
      return { ...done };
    };
  `);

  const first = await answerOf(invoke(environment, { leave: true }));
  await clock.advanceTo(START_MS + 60_000);
  const second = await answerOf(invoke(environment));

  expect(first).toEqual({});
  expect(second).toEqual({ answer: START_MS + 60_000, timer: START_MS + 60_000 });
});

it('ends at its time-out in virtual time: no answer, timer or call of it goes on', async () => {
  const environment = open(`
    exports.handler = async () => {
      setInterval(() => { void get('tick'); }, 1_000);
      await sleep(60_000);
      await get('after');
    };
  `);

  const outcome = await answerOf(invoke(environment));
  await clock.advanceBy(600_000);

  expect(outcome).toMatchObject({
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(/^RequestId: request-\d+ Error: Task timed out after 3\.00 seconds$/),
  });
  // The time-out and the third tick fall on one instant; it was set first.
  expect(served).toEqual(['/tick', '/tick']);
  expect(environment.alive()).toBe(false);
  expect(clock.nextTimerMs()).toBeUndefined();
});

it('takes no answer that comes after its end', async () => {
  faults.set('one', { kind: 'slow', delayMs: 10_000 });
  const mark = join(folder, 'went-on');
  const environment = open(`
    exports.handler = async () => { await get('one'); require('node:fs').writeFileSync('${mark}', ''); };
  `);

  const outcome = await answerOf(invoke(environment));
  await clock.advanceBy(60_000);

  expect(outcome).toMatchObject({ errorType: 'Sandbox.Timedout' });
  expect(served).toEqual(['/one']);
  expect(existsSync(mark)).toBe(false);
});

it('sends nothing any more once it was killed, not even what was on its way out', async () => {
  const effects = new Set<string>();
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    begin(seed);
    faults.set('one', { kind: 'kill-before' });
    await answerOf(invoke(open("exports.handler = () => Promise.all(['one', 'two'].map(get));")));
    effects.add(served.join(' '));
  }

  // The other call had left before, or it never leaves.
  expect([...effects].toSorted()).toEqual(['', '/two']);
});

const TWO_CALLS = `
  exports.handler = async () => { await get('one'); await get('two'); console.log('both'); return 'done'; };
`;

it.each([
  ['kill-before', 'two', ['/one']],
  ['kill-after', 'two', ['/one', '/two']],
  ['kill-before', 'one', []],
] as const)('dies by %s of its call %s, with the effects until then', async (kind, call, effects) => {
  faults.set(call, { kind });
  logged.length = 0;
  const environment = open(TWO_CALLS);

  const outcome = await answerOf(invoke(environment));

  expect(outcome).toMatchObject({
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringContaining('Runtime exited with error: signal: killed'),
  });
  expect(served).toEqual(effects);
  expect(logged).toEqual([]);
  expect(await answerOf(invoke(environment))).toMatchObject({ errorType: 'Runtime.ExitError' });
});

it('sees an answer that was lost as a broken connection, after the effect', async () => {
  faults.set('one', { kind: 'lost-answer' });
  const environment = open('exports.handler = async () => get("one").catch((error) => error.code);');

  expect(await answerOf(invoke(environment))).toBe('ECONNRESET');
  expect(served).toEqual(['/one']);
});

it('waits for a slow answer in virtual time', async () => {
  faults.set('one', { kind: 'slow', delayMs: 1_500 });
  const environment = open('exports.handler = async () => { await get("one"); return Date.now(); };');

  expect(await answerOf(invoke(environment))).toBe(START_MS + 1_500);
});

it('orders calls side by side by the seed, the same for the same seed', async () => {
  const orderOf = async (seed: number): Promise<string> => {
    begin(seed);
    await answerOf(invoke(open("exports.handler = () => Promise.all(['a', 'b', 'c', 'd'].map(get));")));
    return served.join('');
  };
  const orders: string[] = [];
  for (const seed of [1, 2, 3, 4, 5]) orders.push(await orderOf(seed));

  expect(await orderOf(3)).toBe(orders[2]);
  expect(new Set(orders).size).toBeGreaterThan(1);
});

it('reports code that cannot be loaded, a missing handler and an exit as the runtime does', async () => {
  const broken = await answerOf(invoke(open('throw new TypeError("at load");')));
  const missing = await answerOf(invoke(open('exports.other = 1;')));
  const exits = await answerOf(invoke(open('exports.handler = async () => { process.exit(7); await sleep(1); };')));

  expect(broken).toMatchObject({ errorType: 'TypeError', errorMessage: 'at load' });
  expect(missing).toMatchObject({
    errorType: 'Runtime.HandlerNotFound',
    errorMessage: 'index.handler is undefined or not exported',
  });
  expect(exits).toMatchObject({
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringContaining('exit status 7'),
  });
});

it('ends with a rejection that its code left unheard, and leaves other environments alone', async () => {
  for (const listener of RUNNERS) process.off('unhandledRejection', listener);
  try {
    const outcome = await answerOf(
      invoke(open('exports.handler = async () => { void Promise.reject(new Error("unheard")); await sleep(1_000); };')),
    );

    expect(outcome).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'unheard' });
    expect(await answerOf(invoke(open('exports.handler = async () => 1;')))).toBe(1);
  } finally {
    for (const listener of RUNNERS) process.on('unhandledRejection', listener);
  }
});

it('shows the code where AWS has it in stack traces', async () => {
  const outcome = await answerOf(invoke(open('exports.handler = async () => { throw new Error("x"); };')));

  expect((outcome as { readonly trace: readonly string[] }).trace[1]).toMatch(/\/var\/task\/index\.js:\d+:\d+/);
});
