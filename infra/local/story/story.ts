import { join } from 'node:path';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { trainingPipelineName } from '../../../shared/contracts/names.ts';
import { approvalPolicyOf } from '../../../shared/core/governance/index.ts';
import { DAY_MS, utcDay } from '../../../shared/kernel/time.ts';
import type { VirtualClock } from '../clock.ts';
import { type Cursor, readCursor, writeCursor } from './cursor.ts';
import { openSourceTables, type SourceTables, scoreFlights } from './flight-tables.ts';
import { canaryPower } from './narrate.ts';
import type { Observer } from './observer.ts';
import type { Platform } from './platform.ts';
import { type Progress, sparkline } from './progress.ts';
import { STORY } from './schedule.ts';
import { noTraffic, sendSpan, type TrafficCounts } from './send-traffic.ts';
import { type SampledFlight, sampleFlights, spansOf } from './traffic.ts';
import { watchExecutions } from './watch.ts';

export interface StoryContext {
  readonly stage: string;
  readonly clock: VirtualClock;
  readonly platform: Platform;
  readonly observer: Observer;
  readonly progress: Progress;
  readonly definitions: readonly ModelDefinition[];
  readonly folder: string;
  readonly seed: number;
  readonly flightsPerDay: number;
}

/** A training ended without a version: the story cannot go on. */
export class StoryBrokenError extends Error {
  override readonly name = 'StoryBrokenError';
}

/** Longest virtual time that a first training and its rollout may take. */
const PATIENCE_MS = 2 * DAY_MS;

/** Puts what became known on whole days before `throughMs` into the data bucket; days that are there stay as they are. */
const loadKnownDays = async (
  { observer }: StoryContext,
  { dataset }: SourceTables,
  { fromMs = 0, throughMs }: { readonly fromMs?: number; readonly throughMs: number },
): Promise<number> => {
  const throughDay = utcDay(throughMs - DAY_MS);
  const { dayCount } = await dataset.load({ store: observer.data, fromDay: utcDay(fromMs), throughDay });
  return dayCount;
};

/** Trains a model's first version, and waits until it is registered (approved, where a person must). */
const trainFirstVersion = async (context: StoryContext, definition: ModelDefinition): Promise<void> => {
  const { platform, observer, clock, progress, stage } = context;
  const { name, approval } = definition;
  const workflow = new RegExp(`^${trainingPipelineName('', name).replace('millrace--', '')}$`);
  const hasVersion = async (): Promise<boolean> => (await platform.versions(name)).length > 0;
  if (!(await hasVersion())) {
    const running = (await observer.executions(workflow)).some(({ status }) => status === 'RUNNING');
    if (!running) await platform.requestTraining(name, 'the first version');
    const ended = async () => {
      const executions = await observer.executions(workflow);
      return executions.length > 0 && executions.every(({ status }) => status !== 'RUNNING');
    };
    await clock.runUntil(async () => (await hasVersion()) || (await ended()), clock.nowMs() + PATIENCE_MS);
    await clock.settle();
  }
  if (!(await hasVersion())) {
    const [run] = (await platform.runs(name)).slice(-1);
    throw new StoryBrokenError(`${stage}: training ${name} gave no version: ${run?.outcome ?? 'no run was recorded'}`);
  }
  const [first] = await platform.versions(name);
  if (approvalPolicyOf(approval).mode === 'manual' && first?.status === 'PENDING_APPROVAL') {
    await platform.approve(name, first.version, 'approved by the person at this laptop');
    progress.fact(clock.nowMs(), `${name}: version ${first.version} approved by a person`);
  }
};

const showWeights = (weights: Readonly<Record<string, number>>): string =>
  Object.entries(weights)
    .map(([version, weight]) => `λ${version} ${(100 * weight).toFixed(0)} %`)
    .join(' + ');

/** One line a day: what was asked and answered, by which version, and the drift of the trailing window. */
const showDay = async (context: StoryContext, dayMs: number, counts: TrafficCounts, psis: (number | undefined)[]) => {
  const { observer, progress } = context;
  const report = await observer.driftReport(STORY.model, utcDay(dayMs - DAY_MS));
  const psi = report?.metrics.predictionPsi;
  psis.push(psi);
  const versions = Object.entries(counts.byVersion)
    .map(([version, count]) => `${version} ${count}`)
    .join(', ');
  const drift = psi === undefined ? '' : `  PSI ${psi.toFixed(3)}`;
  const refused = counts.refused > 0 ? `, ${counts.refused} × 503 (no version serves that share yet)` : '';
  const failed = counts.failed > 0 ? `, ${counts.failed} failed` : '';
  const live = showWeights(await observer.liveWeights(STORY.model));
  const trend = sparkline(psis.slice(-14), 0.4);
  progress.fact(
    dayMs + DAY_MS,
    `${counts.answered} answered (${versions})${refused}${failed}, ${counts.labels} labels  live ${live}${drift}  ${trend}`,
  );
};

const addCounts = (totals: TrafficCounts, day: TrafficCounts): void => {
  totals.answered += day.answered;
  totals.refused += day.refused;
  totals.failed += day.failed;
  totals.labels += day.labels;
};

/** February's and March's flights ask at their departure; their labels follow when each becomes known. */
const sendTraffic = async (
  context: StoryContext,
  sources: readonly SourceTables[],
  flights: readonly SampledFlight[],
  cursor: Cursor,
  cursorFile: string,
) => {
  const { clock, platform } = context;
  const spans = spansOf(flights, { fromMs: STORY.beginsAtMs, toMs: STORY.endsAtMs, spanMs: STORY.spanMs });
  const psis: (number | undefined)[] = [];
  let day = noTraffic();
  for (const span of spans) {
    if (span.endMs <= cursor.sentThroughMs) continue;
    await clock.advanceTo(span.endMs);
    await sendSpan(platform, STORY.model, span, { counts: day, answered: cursor.answered });
    cursor.sentThroughMs = span.endMs;
    const dayEnds = span.endMs % DAY_MS === 0;
    if (dayEnds) {
      addCounts(cursor.totals, day);
      const lastDay = { fromMs: span.endMs - DAY_MS, throughMs: span.endMs };
      for (const source of sources) await loadKnownDays(context, source, lastDay);
      await showDay(context, span.endMs - DAY_MS, day, psis);
      day = noTraffic();
    }
    writeCursor(cursorFile, cursor);
  }
};

export const flightDelay = ({ definitions }: StoryContext): ModelDefinition => {
  const definition = definitions.find(({ name }) => name === STORY.model);
  if (definition) return definition;
  throw new StoryBrokenError(
    `the story needs models/${STORY.model}, found ${definitions.map(({ name }) => name).join(', ')}`,
  );
};

/** Opens every other model's source, brings what is known by now, and trains those that have no version yet. */
const introduceModels = async (context: StoryContext): Promise<readonly SourceTables[]> => {
  const { clock, progress, folder } = context;
  const sources: SourceTables[] = [];
  for (const definition of context.definitions.filter(({ name }) => name !== STORY.model)) {
    const tables = await openSourceTables(definition, {
      folder,
      throughMs: Math.max(clock.nowMs(), STORY.knownThroughMs),
    });
    sources.push(tables);
    const days = await loadKnownDays(context, tables, { throughMs: clock.nowMs() });
    progress.fact(clock.nowMs(), `${definition.name}: ${days} days of data are there`);
    // Another model's failure is told, and the story goes on: its execution stands in the report.
    await trainFirstVersion(context, definition).catch((error: unknown) => {
      if (!(error instanceof StoryBrokenError)) throw error;
      progress.fact(clock.nowMs(), error.message);
    });
  }
  return sources;
};

/** Leaps until no rollout of these models runs: a version approved now is in service when its canary is over. */
const finishRollouts = async ({ clock, platform, definitions }: StoryContext): Promise<void> => {
  const settled = async (): Promise<boolean> => {
    const rollouts = await Promise.all(definitions.map(({ name }) => platform.rollouts(name)));
    return rollouts.flat().every(({ status }) => status !== 'RUNNING');
  };
  await clock.runUntil(settled, clock.nowMs() + PATIENCE_MS);
};

/** Models that were added since the story was told are trained and put into service; nothing else is repeated. */
export const welcomeNewModels = async (context: StoryContext): Promise<void> => {
  const watch = watchExecutions(context.observer, context.progress);
  try {
    const versions = await Promise.all(context.definitions.map(({ name }) => context.platform.versions(name)));
    const fresh = context.definitions.filter((_, i) => versions[i]?.length === 0);
    const sources = await introduceModels({ ...context, definitions: fresh });
    for (const { engine } of sources) await engine.close();
    await finishRollouts(context);
  } finally {
    await watch.stop();
  }
};

export const cursorFileOf = (folder: string): string => join(folder, 'cursor.json');

/** What the traffic needs: the sample, drawn once the features of February and March are computed. */
const prepareFlights = async (context: StoryContext, tables: SourceTables): Promise<readonly SampledFlight[]> => {
  const definition = flightDelay(context);
  const span = { fromMs: STORY.beginsAtMs, toMs: STORY.endsAtMs };
  await scoreFlights(tables, definition, span);
  const { flightsPerDay, seed, progress } = context;
  const featureNames = definition.features.map(({ name }) => name);
  const flights = await sampleFlights(tables.engine, { ...span, featureNames, flightsPerDay, seed });
  progress.stage(`sample: ${flights.length} flights, ${flightsPerDay} a day, seed ${seed}`);
  progress.stage(canaryPower(definition, flightsPerDay));
  return flights;
};

/**
 * Tells the story from where it stands: everything it does is repeatable, so that a start after a kill goes on.
 * @returns the open tables, for the evaluation that follows, and the traffic's totals.
 */
export const tellStory = async (context: StoryContext, tables: SourceTables) => {
  const { clock, progress, folder } = context;
  const cursor = readCursor(cursorFileOf(folder), STORY.beginsAtMs);
  const watch = watchExecutions(context.observer, progress);
  try {
    const days = await loadKnownDays(context, tables, { throughMs: clock.nowMs() });
    progress.fact(clock.nowMs(), `${days} days of flights are there: all that is known by now`);
    progress.stage(
      'computing point-in-time features of February and March by the model’s own SQL, beside the training',
    );
    // Beside the training, on the other core. Its failure is met below, when the flights are needed.
    const preparing = prepareFlights(context, tables);
    preparing.catch(() => undefined);
    await trainFirstVersion(context, flightDelay(context));
    const others = await introduceModels(context);
    await sendTraffic(context, [tables, ...others], await preparing, cursor, cursorFileOf(folder));
    await clock.settle();
    for (const { engine } of others) await engine.close();
    return cursor.totals;
  } finally {
    await watch.stop();
  }
};
