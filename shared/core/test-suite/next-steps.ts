import type { DailyFacts, OpenTrouble } from './daily-report.ts';
import type { TestCheck, TestResult } from './test-report.ts';

/** What a person could do next, the most urgent first. */
export interface NextStep {
  readonly what: string;
  readonly command?: string;
}

const MOST_NAMED = 3;

/** What a failed test asks for, by what it checks. */
const ADVICE: Readonly<Partial<Record<TestCheck, string>>> = {
  'schema-faults': 'whoever sends requests changed their form: compare what is captured with the features',
  'constant-columns': 'a source of features stands still: look at where it comes from',
  'duplicated-columns': 'two features became the same: look at the query that makes them',
  'duplicated-rows':
    'the same rows came again under other ids: look for a batch that was sent twice, or a join that multiplies rows',
  'missing-share': 'a source of features fails more often: look at where the named features come from',
  'out-of-range-share': 'values left their declared range: look for another unit, or declare another range',
  'new-category-share': 'categories came that training never saw: retrain, or map them to known ones',
  'row-count': 'another number of predictions came than on such days: ask whoever sends them',
  'freshness-hours': 'predictions stopped: look at the errors of the function and at whoever sends requests',
  'label-drift':
    'outcomes are others than training saw: if they are rightly recorded, the version decides for a world that was; look at the source of the labels first',
  'concept-drift':
    'labels part from what the inputs lead to expect, so not the traffic changed but the world: retrain on newer labels',
  'group-difference':
    'groups fare differently, surely by more than they may: look at what the groups named differ in, and whether labels come alike of all; if the difference is meant, declare how large it may be',
  skew: 'what is served differs from what training computes: look at the feature views named',
  'error-share': 'requests fail: look at the logs of the function',
};

const COMMANDS: Readonly<Partial<Record<TestCheck, (model: string) => string>>> = {
  'error-share': (model) => `npx millrace logs ${model}`,
  'freshness-hours': (model) => `npx millrace logs ${model}`,
  'concept-drift': (model) => `npx millrace train ${model}`,
};

const ofTest = ({ check, id, detail = [] }: TestResult, model: string): NextStep | undefined => {
  const advice = ADVICE[check];
  if (advice === undefined) return undefined;
  const named = detail.length === 0 ? '' : ` (${detail.join('; ')})`;
  const command = COMMANDS[check]?.(model);
  return {
    what: `${id}: ${advice}${named}`,
    ...(command === undefined ? {} : { command }),
  };
};

/** By contribution; where the floor decides, which names none, the farthest by themselves. */
const mostChanged = (drift: DailyFacts['drift']): readonly string[] => {
  const { decision, comparison, limits } = drift ?? {};
  if (decision !== undefined && decision.columns.length > 0)
    return decision.columns.slice(0, MOST_NAMED).map(({ name }) => name);
  const far = (comparison?.columns ?? []).flatMap(({ name, psi = 0 }) =>
    limits !== undefined && psi > limits.predictionPsiLimit ? [{ name, psi }] : [],
  );
  return far
    .toSorted((one, other) => other.psi - one.psi)
    .slice(0, MOST_NAMED)
    .map(({ name }) => name);
};

const ofDrift = ({ model, drift, runs }: DailyFacts): NextStep => {
  const running = runs.find(({ status }) => status === 'RUNNING');
  const named = mostChanged(drift);
  const where = named.length === 0 ? '' : `, most in ${named.join(', ')}`;
  if (running !== undefined)
    return {
      what: `its window drifts${where}: run ${running.runId} trains it again`,
      command: `npx millrace status ${model}`,
    };
  return {
    what: `its window drifts${where}: the alarm asks for a training run where retraining.onDrift is on; a person may ask at once`,
    command: `npx millrace train ${model}`,
  };
};

/** Without requests no label can be missing either. */
const ofRequests = ({ model, tests, performance }: DailyFacts): NextStep | undefined =>
  tests.status === 'nothing tested' && (performance === undefined || performance.days.length === 0)
    ? {
        what: 'no prediction was captured, so nothing could be tested: look at whether requests come, and whether they fail',
        command: `npx millrace logs ${model}`,
      }
    : undefined;

/** Where some labels are in, the others come by themselves. */
const ofLabels = ({ performance }: DailyFacts): NextStep | undefined => {
  if (performance?.status !== 'not enough labels' || performance.days.length === 0) return undefined;
  return (performance.window?.labelledCount ?? 0) > 0
    ? undefined
    : { what: 'no day has its labels, so quality is not known: send them to the ground truth API once they are known' };
};

/** Nothing to do is said, too. */
export const nextSteps = (facts: DailyFacts, open: readonly OpenTrouble[]): readonly NextStep[] => {
  const { model, tests, pending, performance, rollouts } = facts;
  const steps: (NextStep | undefined)[] = [
    ...tests.tests.filter(({ status }) => status === 'fail').map((test) => ofTest(test, model)),
    ...(open.includes('drift') ? [ofDrift(facts)] : []),
    ...(open.includes('quality')
      ? [
          {
            what: `it predicts worse than it may: ${performance?.reason ?? ''}`,
            command: `npx millrace train ${model}`,
          },
        ]
      : []),
    ...pending.map((version) => ({
      what: `version ${version} waits for a person`,
      command: `npx millrace approve ${model}@${version} --reason TEXT`,
    })),
    ...(rollouts[0]?.status === 'RUNNING'
      ? [{ what: `a canary of version ${rollouts[0].version} is under way`, command: `npx millrace status ${model}` }]
      : []),
    ofRequests(facts),
    ofLabels(facts),
  ];
  const told = steps.filter((step) => step !== undefined);
  return told.length === 0 ? [{ what: 'nothing: every test that could be run passed, and nothing waits' }] : told;
};
