import { afterEach, describe, expect, it } from 'vitest';
import { createBranchLedger } from '../helpers/branch-ledger.ts';
import { failing } from '../helpers/failing-function.ts';
import { synthesisedWorkflow } from '../helpers/synthesised-workflows.ts';
import { functionArn, startWorkflows, type WorkflowFunction, type Workflows } from '../helpers/workflow.ts';

const packaged = { artifactPrefix: 'models/flight-delay/d/', manifestDigest: 'm' };
const item = { days: [{ day: '2001-02-16', hours: ['04'] }] };
const planned = { outcome: 'planned', version: 2, package: packaged, items: [item] };
const input = { model: 'flight-delay', scheduledAt: '2001-02-17T06:00:00Z' };
const drift = { status: 'within-limit', reason: 'calm', reportKey: 'r' };

const definition = synthesisedWorkflow('drift-check');
const fold = definition.States['Fold captures'] as unknown as {
  readonly Next: string;
  readonly Catch: readonly unknown[];
  readonly ItemProcessor: { readonly States: Readonly<Record<'Fold hours', Readonly<Record<string, unknown>>>> };
};
/** With the Map as its one item goes through it: what ends the item ends the Map. */
const ledger = createBranchLedger({
  ...definition,
  States: {
    ...definition.States,
    'Fold captures': { Type: 'Pass' },
    'Fold hours': { ...fold.ItemProcessor.States['Fold hours'], Next: fold.Next, Catch: fold.Catch },
  },
});

/** What follows the comparison, in its order: state and function. */
const later: readonly (readonly [state: string, name: string])[] = (() => {
  const found: [string, string][] = [];
  for (let name = definition.States['Detect drift']?.Next as string; name !== 'All told?'; ) {
    const state = definition.States[name] as {
      readonly Next: string;
      readonly Arguments: { readonly FunctionName: string };
    };
    found.push([name, state.Arguments.FunctionName.slice(functionArn('').length)]);
    name = state.Next;
  }
  return found;
})();
const laterStates = later.map(([state]) => state);

let workflows: Workflows | undefined;
afterEach(async () => {
  await workflows?.stop();
  workflows = undefined;
});

const run = async (functions: Readonly<Record<string, WorkflowFunction>> = {}, { noted = true } = {}) => {
  workflows = await startWorkflows({
    functions: {
      'plan-folds': () => planned,
      'fold-captures': () => ({ foldedCount: 1 }),
      'profile-window': () => ({ version: 2, windowProfileKey: 'w' }),
      'detect-drift': () => drift,
      ...Object.fromEntries(later.map(([, name]) => [name, () => ({})])),
      ...functions,
    },
  });
  const result = await workflows.run(definition, input);
  if (noted) ledger.note(result.history);
  return result;
};

describe('drift-check', () => {
  it('folds what is pending, merges the window and compares it', async () => {
    const seen: unknown[] = [];
    const see =
      (name: string, answer: unknown): WorkflowFunction =>
      (payload) => {
        seen.push([name, payload]);
        return answer;
      };
    const other = { days: [{ day: '2001-02-16', hours: ['05', '06'] }] };
    const { visited, status, output } = await run(
      {
        'plan-folds': see('plan', { ...planned, items: [item, other] }),
        'fold-captures': see('fold', {}),
        'profile-window': see('window', { version: 2, windowProfileKey: 'w' }),
        'detect-drift': see('drift', drift),
      },
      { noted: false },
    );

    expect(visited.filter((state) => state !== 'Fold hours')).toEqual([
      'Plan folds',
      'Model in service?',
      'Fold captures',
      'Profile window',
      'Detect drift',
      ...laterStates,
      'All told?',
      'Compared',
    ]);
    expect(visited.filter((state) => state === 'Fold hours')).toHaveLength(2);
    expect({ status, output }).toMatchObject({ status: 'SUCCEEDED', output: drift });
    const model = 'flight-delay';
    expect(seen).toHaveLength(5);
    expect(seen).toEqual(
      expect.arrayContaining([
        ['plan', input],
        ['fold', { model, package: packaged, item }],
        ['fold', { model, package: packaged, item: other }],
        ['window', { ...input, version: 2, package: packaged }],
        ['drift', { model, version: 2, package: packaged, windowProfileKey: 'w' }],
      ]),
    );
  });

  it('compares without folding when nothing is pending', async () => {
    const { visited, status } = await run({ 'plan-folds': () => ({ ...planned, items: [] }) });

    expect(visited).not.toContain('Fold hours');
    expect(visited).toContain('Detect drift');
    expect(status).toBe('SUCCEEDED');
  });

  it('says so when no model is in service', async () => {
    const { visited, output } = await run({ 'plan-folds': () => ({ outcome: 'no model in service' }) });

    expect(visited).toEqual(['Plan folds', 'Model in service?', 'Not compared']);
    expect(output).toEqual({ outcome: 'no model in service' });
  });

  const steps: readonly (readonly [state: string, name: string])[] = [
    ['Plan folds', 'plan-folds'],
    ['Fold captures', 'fold-captures'],
    ['Profile window', 'profile-window'],
    ['Detect drift', 'detect-drift'],
    ...later,
  ];
  const failures = [
    ['UnavailableError', 7],
    ['Lambda.TooManyRequestsException', 6],
    ['InvalidRequestError', 1],
  ] as const;
  it.each(
    steps.flatMap(([state, name]) => failures.map(([errorName, attempts]) => ({ state, name, errorName, attempts }))),
  )('fails when $name keeps failing with $errorName, $attempts times', async ({ state, name, errorName, attempts }) => {
    let calls = 0;
    const { status, error, visited } = await run({
      [name]: (payload, before) => {
        calls += 1;
        return failing(errorName)(payload, before);
      },
    });

    const at = laterStates.indexOf(state);
    // What comes after the comparison is made even if something before it could not be.
    const goesOn = at === -1 ? [] : [...laterStates.slice(at + 1), 'All told?'];
    const way = [state, ...goesOn, 'Check failed'];
    expect(visited.slice(-way.length).map((one) => (one === 'Fold hours' ? 'Fold captures' : one))).toEqual(way);
    expect({ status, error, calls }).toEqual({ status: 'FAILED', error: errorName, calls: attempts });
  });

  it('tells of the first of several failures', async () => {
    const { error } = await run({
      'write-daily-report': failing('InvalidRequestError'),
      'render-pages': failing('NotFoundError'),
    });

    expect(error).toBe('InvalidRequestError');
  });

  it('was gone through by every choice, catcher and exhausted retrier', () => {
    expect(ledger.unvisited()).toEqual([]);
  });
});
