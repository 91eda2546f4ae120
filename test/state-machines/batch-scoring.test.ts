import { Buffer } from 'node:buffer';
import { afterEach, describe, expect, it } from 'vitest';
import { createBranchLedger } from '../helpers/branch-ledger.ts';
import { failing } from '../helpers/failing-function.ts';
import { type Definition, synthesisedWorkflow } from '../helpers/synthesised-workflows.ts';
import { startWorkflows, type WorkflowFunction, type Workflows } from '../helpers/workflow.ts';

const INPUT = { model: 'toy', jobId: 'june' };
const ITEMS_KEY = 'batch-scoring/toy/june/parts.jsonl';
const FINISHED = { rowCount: 10, output: 'scoring/x.scored/june/', digest: 'd' };
const PARTS = Array.from({ length: 10 }, (_, part) => ({ part }));

const definition = synthesisedWorkflow('batch-scoring');
const { 'Score parts': scoreParts, ...flatStates } = definition.States;
/** The Map stands as a state without ways of its own; its children are a definition of their own. */
const ledger = createBranchLedger({ ...definition, States: { ...flatStates, 'Score parts': { Type: 'Pass' } } });
const children = scoreParts?.ItemProcessor as Definition;
const childDefinition = { QueryLanguage: 'JSONata', StartAt: children.StartAt, States: children.States };
const childLedger = createBranchLedger(childDefinition);

let workflows: Workflows | undefined;
afterEach(async () => {
  await workflows?.stop();
  workflows = undefined;
});

interface Call {
  readonly name: string;
  readonly payload: { readonly parts?: readonly { readonly part: number }[] };
}

const start = async (changed: Readonly<Record<string, WorkflowFunction>>) => {
  const calls: Call[] = [];
  const reads: unknown[] = [];
  const answers: Readonly<Record<string, WorkflowFunction>> = {
    'plan-batch-scoring': () => ({ itemsKey: ITEMS_KEY, partCount: PARTS.length }),
    'score-part': () => ({ written: 1, skipped: 0, rowCount: 1 }),
    'finish-batch-scoring': () => FINISHED,
    ...changed,
  };
  const functions = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      (payload: never, before: number) => {
        calls.push({ name, payload });
        return answer(payload, before);
      },
    ]),
  );
  workflows = await startWorkflows({
    functions,
    call: (_service, action, parameters) => {
      reads.push([action, parameters]);
      return { Body: Buffer.from(PARTS.map((part) => `${JSON.stringify(part)}\n`).join('')) };
    },
  });
  return { calls, reads, workflows };
};

const run = async (changed: Readonly<Record<string, WorkflowFunction>> = {}) => {
  const { calls, reads, workflows: started } = await start(changed);
  const machine = await started.create('batch', definition);
  const result = await started.finish(await started.start(machine, INPUT));
  ledger.note(result.history);
  return { result, calls, reads, named: (name: string) => calls.filter((call) => call.name === name) };
};

/** One child execution, by itself. */
const runChild = async (changed: Readonly<Record<string, WorkflowFunction>> = {}) => {
  const { calls, workflows: started } = await start(changed);
  const machine = await started.create('child', childDefinition);
  const result = await started.finish(await started.start(machine, { BatchInput: INPUT, Items: PARTS.slice(0, 2) }));
  childLedger.note(result.history);
  return { result, calls };
};

describe('batch scoring', () => {
  it('plans, scores every part once in batches of four, and counts', async () => {
    const { result, reads, named } = await run();

    expect(result.visited).toEqual(['Begin', 'Plan batch scoring', 'Score parts', 'Finish batch scoring', 'Scored']);
    expect(result.output).toEqual({ ...INPUT, ...FINISHED });
    expect(reads).toEqual([['GetObject', { Bucket: 'artifacts', Key: ITEMS_KEY }]]);
    const batches = named('score-part').map(({ payload }) => payload);
    expect(batches.map(({ parts = [] }) => parts.length).sort()).toEqual([2, 4, 4]);
    expect(batches.flatMap(({ parts = [] }) => parts.map(({ part }) => part)).sort((a, b) => a - b)).toEqual(
      PARTS.map(({ part }) => part),
    );
    for (const payload of batches) expect(payload).toMatchObject(INPUT);
    expect(named('finish-batch-scoring')).toEqual([{ name: 'finish-batch-scoring', payload: INPUT }]);
  });

  it('is not counted, and looks failed, as soon as a part fails', async () => {
    const { result, named } = await run({
      'score-part': ({ parts }: { readonly parts: readonly { readonly part: number }[] }, before) =>
        parts.some(({ part }) => part === 5) ? failing('InvalidRequestError')({} as never, before) : { rowCount: 1 },
    });

    expect(result.visited).toEqual(['Begin', 'Plan batch scoring', 'Score parts', 'Batch scoring failed']);
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(named('finish-batch-scoring')).toEqual([]);
  });
});

describe.each([
  { state: 'Plan batch scoring', name: 'plan-batch-scoring' },
  { state: 'Finish batch scoring', name: 'finish-batch-scoring' },
])('batch scoring, when $state fails', ({ name }) => {
  it.each([
    ['UnavailableError', 7],
    ['Lambda.Unknown', 2],
    ['AssertionError', 1],
  ] as const)('by %s ends after %i attempts, and looks failed', async (errorName, attempts) => {
    const { result, named } = await run({ [name]: failing(errorName) });

    expect(result.visited.at(-1)).toBe('Batch scoring failed');
    expect(result).toMatchObject({ status: 'FAILED', error: errorName });
    expect(named(name)).toHaveLength(attempts);
  });
});

describe('a batch of parts', () => {
  it('is scored by one call', async () => {
    const { result, calls } = await runChild();

    expect(result).toMatchObject({ status: 'SUCCEEDED', visited: ['Score part'], output: 1 });
    expect(calls.map(({ payload }) => payload)).toEqual([{ ...INPUT, parts: PARTS.slice(0, 2) }]);
  });

  it.each([
    ['UnavailableError', 7],
    ['Lambda.Unknown', 2],
    ['InvalidRequestError', 1],
  ] as const)('fails by %s after %i attempts', async (errorName, attempts) => {
    const { result, calls } = await runChild({ 'score-part': failing(errorName) });

    expect(result).toMatchObject({ status: 'FAILED', error: errorName, visited: ['Score part', 'Part failed'] });
    expect(calls).toHaveLength(attempts);
  });
});

it('batch scoring was gone through by every choice, catcher and exhausted retrier', () => {
  expect([...ledger.unvisited(), ...childLedger.unvisited()]).toEqual([]);
});
