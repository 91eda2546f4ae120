import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { HOUR_MS, MINUTE_MS } from '../../../../shared/kernel/time.ts';
import type { RolloutFact } from '../../story/platform.ts';
import type { Operator } from '../operator.ts';
import type { ChaosSession } from '../session.ts';
import type { Callers } from './callers.ts';
import type { DayNotes, Ending } from './day-facts.ts';
import { DAY_MODELS, type DayModel } from './day-model.ts';
import { versionFiles } from './day-versions.ts';

/** A day of two models, with their callers, as the person who answers for them goes through it. */

export interface DayScene {
  readonly session: ChaosSession;
  readonly operator: Operator;
  readonly callers: Callers;
  /** The template with another code of the inference function. */
  readonly revisedAssemblyFolder: string;
  /** Holds faults back, and lets them fall again: a request that fails meanwhile has one explanation less. */
  readonly hold: (held: boolean) => void;
  readonly hours: number;
}

type Versions = ReadonlyMap<DayModel, number>;

/** How often the person looks, in requests of the callers. */
const LOOK_EVERY = 10;
const ROLLOUT_LIMIT_MS = 5 * HOUR_MS;
/** A rollout that faults ended is asked for again so often. */
const APPROVALS = 4;

interface Day extends DayScene {
  readonly notes: {
    -readonly [Key in keyof DayNotes]: DayNotes[Key] extends readonly (infer T)[] ? T[] : DayNotes[Key];
  };
}

/** Lets the callers go on until the claim holds. @returns whether it did within the limit. */
const waitFor = async (
  { session, operator, callers }: Day,
  claim: () => Promise<boolean>,
  limitMs = ROLLOUT_LIMIT_MS,
): Promise<boolean> => {
  const endsAtMs = session.cloud.clock.nowMs() + limitMs;
  while (session.cloud.clock.nowMs() < endsAtMs) {
    if (await operator.patiently(claim)) return true;
    for (let i = 0; i < LOOK_EVERY; i += 1) await callers.go();
  }
  return false;
};

/** Lets the callers go on until an instant; labels of what they were answered arrive every hour. */
const passUntil = async ({ session, operator, callers }: Day, untilMs: number): Promise<void> => {
  const { clock } = session.cloud;
  let labelsAtMs = clock.nowMs();
  while (clock.nowMs() < untilMs) {
    await callers.go();
    if (clock.nowMs() < labelsAtMs) continue;
    for (const model of DAY_MODELS) await operator.patiently(() => callers.sendLabels(model));
    labelsAtMs += HOUR_MS;
  }
};

const newest = async ({ operator }: Day, model: DayModel, version: number): Promise<RolloutFact | undefined> =>
  (await operator.rolloutsOf(model, version)).at(-1);

const approve = ({ session, operator }: Day, model: DayModel, version: number): Promise<void> =>
  operator.patiently(() => session.platform.approve(model, version, 'the day has it so'));

/** Waits until the claim holds of every version's rollout; one that a fault ended is approved again. */
const untilEach = async (
  day: Day,
  versions: Versions,
  claim: (rollout: RolloutFact) => boolean,
  approvals = APPROVALS,
): Promise<void> => {
  const asked = new Map<string, number>();
  await waitFor(day, async () => {
    let all = true;
    for (const [model, version] of versions) {
      const rollout = await newest(day, model, version);
      if (rollout !== undefined && claim(rollout)) continue;
      all = false;
      if (rollout?.status !== 'FAILED') continue;
      const count = asked.get(rollout.rolloutId) ?? 0;
      const before = [...asked.values()].reduce((sum, one) => sum + one, 0);
      if (count > 0 || before >= approvals) continue;
      asked.set(rollout.rolloutId, 1);
      await approve(day, model, version);
    }
    return all;
  });
};

const hasTraffic = ({ weights }: RolloutFact): boolean => weights.some((weight) => weight > 0);
const isOver = ({ status }: RolloutFact): boolean => status !== 'RUNNING' && status !== 'FAILED';
const isOverSomehow = ({ status }: RolloutFact): boolean => status !== 'RUNNING';

/** Brings and approves a version of each model, and notes how its rollout should end. */
const bring = async (day: Day, number: number, ending: Ending, harmful = false): Promise<Versions> => {
  const { session, operator, notes } = day;
  const versions = new Map<DayModel, number>();
  for (const model of DAY_MODELS) {
    const files = versionFiles(number / 4, { nowMs: session.cloud.clock.nowMs(), harmful });
    const version = await operator.upload(model, `upload-${number}`, files);
    versions.set(model, version);
    notes.brought.push({ model, version, ending });
    await approve(day, model, version);
  }
  day.callers.set({ pace: 'busy' });
  return versions;
};

const calmDown = ({ callers }: Day): void => callers.set({ pace: 'calm', unusual: new Set() });

const playGood = async (day: Day, number: number): Promise<void> => {
  const versions = await bring(day, number, 'PROMOTED');
  await untilEach(day, versions, isOver);
  calmDown(day);
};

/** A version that fails on what callers begin to ask while it has a part of them. */
const playHarmful = async (day: Day, number: number): Promise<void> => {
  const versions = await bring(day, number, 'ROLLED_BACK', true);
  await untilEach(day, versions, hasTraffic);
  day.callers.set({ unusual: new Set(DAY_MODELS) });
  await untilEach(day, versions, isOver);
  calmDown(day);
};

/** Ends the executions in the middle, as a person with the console may. */
const playKilled = async (day: Day, number: number): Promise<void> => {
  const { session, operator, notes } = day;
  const versions = await bring(day, number, 'FAILED');
  await untilEach(day, versions, hasTraffic);
  const states = new SFNClient(session.clientConfig);
  const executions = await operator.patiently(() => session.observer.executions(/^canary-rollout$/));
  for (const [model, version] of versions) {
    const rolloutId = (await operator.patiently(() => newest(day, model, version)))?.rolloutId ?? '';
    const executionArn = executions.find(({ name }) => name === rolloutId)?.arn;
    await operator.patiently(() => states.send(new StopExecutionCommand({ executionArn, cause: 'by hand' })));
    notes.kills.push({ model, rolloutId, atMs: session.cloud.clock.nowMs() });
  }
  await untilEach(day, versions, isOverSomehow, 0);
  calmDown(day);
};

/** Another template comes while canaries have traffic; their code follows by canaries of its own. */
const playUpdate = async (day: Day, number: number): Promise<void> => {
  const { session, callers, notes, hold } = day;
  const { clock } = session.cloud;
  const versions = await bring(day, number, 'PROMOTED');
  await untilEach(day, versions, hasTraffic);
  hold(true);
  callers.set({ pace: 'rush' });
  // What a fault began before runs out.
  for (let i = 0; i < LOOK_EVERY; i += 1) await callers.go();
  const fromMs = clock.nowMs();
  const weights = () => Promise.all(DAY_MODELS.map((model) => session.observer.liveWeights(model)));
  const before = await weights();
  const asking = async (): Promise<void> => {
    for (let i = 0; i < LOOK_EVERY; i += 1) await callers.go();
  };
  await Promise.all([session.cloud.deploy(day.revisedAssemblyFolder), asking()]);
  await asking();
  notes.updates.push({ fromMs, toMs: clock.nowMs(), before, after: await weights() });
  hold(false);
  callers.set({ pace: 'busy' });
  await untilEach(day, versions, isOver);
  await waitFor(day, async () => {
    for (const model of DAY_MODELS) {
      const code = (await session.platform.rollouts(model)).filter(({ kind }) => kind === 'code');
      if (!code.some(({ status }) => status === 'PROMOTED')) return false;
    }
    return true;
  });
  calmDown(day);
};

/** A person does not like what he sees. */
const playCalledBack = async (day: Day, number: number): Promise<void> => {
  const { session, operator, notes } = day;
  const versions = await bring(day, number, 'ROLLED_BACK');
  await untilEach(day, versions, hasTraffic);
  for (const [model, version] of versions) {
    const rolloutId = (await operator.patiently(() => newest(day, model, version)))?.rolloutId ?? '';
    const url = `${session.urls.platform}/models/${model}/rollback`;
    const atMs = await operator.patiently(async () => {
      const askedAtMs = session.cloud.clock.nowMs();
      const { status, body } = await session.api.call('POST', url, { reason: 'it looks wrong' });
      // Asked again after an answer that got lost: it is done.
      if (status >= 300 && status !== 409) throw new Error(`POST ${url} answered ${status}: ${JSON.stringify(body)}`);
      return askedAtMs;
    });
    notes.calledBack.push({ model, rolloutId, atMs });
  }
  await untilEach(day, versions, isOver);
  calmDown(day);
};

const ACTS = [playGood, playGood, playHarmful, playKilled, playUpdate, playCalledBack] as const;

/** @returns what was noted of the day, for those who judge it. */
export const playDay = async (scene: DayScene): Promise<DayNotes> => {
  const day: Day = { ...scene, notes: { brought: [], kills: [], calledBack: [], updates: [] } };
  const { clock } = scene.session.cloud;
  const beginsAtMs = clock.nowMs();
  const actMs = (scene.hours * HOUR_MS) / ACTS.length;
  for (const [i, act] of ACTS.entries()) {
    await passUntil(day, beginsAtMs + i * actMs + MINUTE_MS);
    await act(day, i + 1);
  }
  await passUntil(day, beginsAtMs + scene.hours * HOUR_MS);
  return day.notes;
};
