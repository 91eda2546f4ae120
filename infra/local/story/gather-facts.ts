import { MODEL_FILE } from '../../../shared/contracts/artifacts.ts';
import { alarmName } from '../../../shared/contracts/metric-names.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import { compareByWeek, qualityByMonth, type ScoredFlights, scoreAllFlights } from './compare-versions.ts';
import type { SourceTables } from './flight-tables.ts';
import type { AlarmFact } from './observer.ts';
import type { RolloutFact, RunFact, VersionFact } from './platform.ts';
import { STORY } from './schedule.ts';
import type { TrafficCounts } from './send-traffic.ts';
import { flightDelay, type StoryContext } from './story.ts';
import type { Comparison, StoryFacts } from './story-facts.ts';

type Timeline = StoryFacts['timeline'];

const causeText = ({ kind, ...rest }: RunFact['cause']): string => {
  const subject = rest.alarmName ?? rest.principal ?? rest.scheduledAt ?? rest.key ?? '';
  return `${kind} ${subject}`;
};

const timelineOf = (
  runs: readonly RunFact[],
  rollouts: readonly RolloutFact[],
  alarms: readonly AlarmFact[],
): Timeline =>
  [
    ...runs.map(({ startedAtMs, cause, status, outcome, version }) => ({
      atMs: startedAtMs,
      text: `training (${causeText(cause)}): ${status}${version === undefined ? '' : `, version ${version}`}${outcome ? `; ${outcome}` : ''}`,
    })),
    ...rollouts.flatMap(({ startedAtMs, endedAtMs, version, kind, weights, status, reason }) => [
      { atMs: startedAtMs, text: `rollout of ${kind} version ${version} starts` },
      ...(endedAtMs === undefined
        ? []
        : [
            {
              atMs: endedAtMs,
              text: `rollout of version ${version}: ${status} after ${weights.join(' → ')}${reason ? `; ${reason}` : ''}`,
            },
          ]),
    ]),
    ...alarms
      .filter(({ from, to }) => from === 'ALARM' || to === 'ALARM')
      .map(({ atMs, name, from, to, reason }) => ({ atMs, text: `alarm ${name}: ${from} → ${to}; ${reason}` })),
  ].toSorted((a, b) => a.atMs - b.atMs);

const compare = (flights: ScoredFlights, versions: readonly VersionFact[]): Comparison | undefined => {
  const [first, second] = versions;
  if (!first || !second) return undefined;
  const fromMs = Math.ceil(second.trainedThroughMs / DAY_MS) * DAY_MS;
  const result = compareByWeek(flights, [first.version, second.version], { fromMs, toMs: STORY.endsAtMs });
  return { first: `v${first.version}`, second: `v${second.version}`, ...result };
};

/** Scores every version on all flights of the story. */
const scoreVersions = async (context: StoryContext, { engine }: SourceTables, versions: readonly VersionFact[]) => {
  const models = await Promise.all(
    versions.map(async ({ version, artifactPrefix }) => ({
      version,
      modelBytes: await context.observer.readArtifact(`${artifactPrefix}${MODEL_FILE}`),
    })),
  );
  const features = flightDelay(context).features.map(({ name }) => name);
  const flights = await scoreAllFlights(engine, features, models);
  const scored = versions.map(({ version, trainedThroughMs }) => {
    // Only flights that the version did not learn from: of the month it was trained in, the days after.
    const unseenFromMs = Math.ceil(trainedThroughMs / DAY_MS) * DAY_MS;
    const months = STORY.months
      .filter(({ toMs }) => toMs > unseenFromMs)
      .map((month) => ({ ...month, fromMs: Math.max(month.fromMs, unseenFromMs) }));
    return { version, trainedThroughMs, months: qualityByMonth(flights, version, months) };
  });
  return { scored, comparison: compare(flights, versions) };
};

const problemsOf = (
  facts: Pick<StoryFacts, 'executions' | 'rollouts' | 'alarms' | 'predictions' | 'labels'>,
  stage: string,
  runs: readonly RunFact[],
): readonly string[] => {
  const problems: string[] = [];
  const expect = (holds: boolean, otherwise: string): void => {
    if (!holds) problems.push(otherwise);
  };
  for (const { workflow, name, status } of facts.executions) {
    expect(status === 'SUCCEEDED', `${workflow} ${name} is ${status}`);
  }
  expect(
    facts.rollouts.some(({ version, status }) => version === 1 && status === 'PROMOTED'),
    'version 1 was not promoted',
  );
  const drift = alarmName(stage, STORY.model, 'drift');
  expect(
    facts.alarms.some(({ name, to }) => name === drift && to === 'ALARM'),
    'the drift alarm never rang',
  );
  const byAlarm = runs.filter(({ cause }) => cause.kind === 'alarm');
  expect(byAlarm.length > 0, 'no alarm started a training');
  for (const { version, outcome, runId } of byAlarm) {
    const decided =
      version === undefined
        ? outcome !== undefined
        : facts.rollouts.some((rollout) => rollout.version === version && rollout.status !== 'RUNNING');
    expect(decided, `run ${runId} led neither to a decided rollout nor to a stated refusal`);
  }
  expect(facts.predictions > 0 && facts.labels > 0, 'nothing was predicted or labelled');
  return problems;
};

/** Collects what happened from the public APIs and scores the versions on all flights. */
export const gatherFacts = async (
  context: StoryContext,
  { tables, totals }: { readonly tables: SourceTables; readonly totals: TrafficCounts },
  startedAt: number,
): Promise<StoryFacts> => {
  const { observer, platform, stage } = context;
  const [versions, runs, rollouts, alarms] = await Promise.all([
    platform.versions(STORY.model),
    platform.runs(STORY.model),
    platform.rollouts(STORY.model),
    observer.alarmTransitions(),
  ]);
  const executions = await Promise.all(
    (await observer.executions(/^(train-|canary-rollout)/)).map(async (execution) => {
      const { cause } = (await observer.executionInput(execution.arn)) as { cause?: unknown };
      return { ...execution, cause };
    }),
  );
  const { scored, comparison } = await scoreVersions(context, tables, versions);
  const own = alarms.filter(({ name }) => name.includes(STORY.model));
  const facts = { executions, rollouts, alarms: own, predictions: totals.answered, labels: totals.labels };
  const problems = problemsOf(facts, stage, runs);
  return {
    ...facts,
    complete: problems.length === 0,
    problems,
    wallSeconds: Math.round((performance.now() - startedAt) / 100) / 10,
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
    versions: scored,
    refusedPredictions: totals.refused,
    ...(comparison ? { comparison } : {}),
    timeline: timelineOf(runs, rollouts, own),
  };
};
