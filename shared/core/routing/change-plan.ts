import { InvalidRequestError, InvalidStateError } from '../../kernel/errors.ts';
import { isoTime } from '../../kernel/time.ts';
import { partsOf, reshare, type WantedShare } from './reshare.ts';
import {
  experimentOf,
  isDivided,
  type RoutingArm,
  type RoutingCohort,
  type RoutingPlan,
  SLOT_COUNT,
  type ValueSource,
} from './routing-plan.ts';

/** A plan as it is to be written: the store counts its revisions. */
export type PlanDraft = Omit<RoutingPlan, 'revision'>;

/** What a model's definition says of its routing. */
export interface RoutingSettings {
  readonly unit?: ValueSource;
  readonly cohorts?: readonly (Omit<RoutingCohort, 'version'> & { readonly to: 'canary' | 'champion' })[];
}

const wholly = (arms: readonly RoutingArm[], version: number): readonly RoutingArm[] =>
  reshare(arms, [{ version, share: SLOT_COUNT }]);

const cohortsOf = (
  { cohorts = [] }: RoutingSettings,
  versions: Readonly<Record<'canary' | 'champion', number>>,
): Pick<RoutingPlan, 'cohorts'> =>
  cohorts.length === 0 ? {} : { cohorts: cohorts.map(({ name, when, to }) => ({ name, when, version: versions[to] })) };

/** What stays known of experiments when a plan changes. */
const lastExperimentOf = (standing: PlanDraft | undefined, atMs: number): Pick<RoutingPlan, 'lastExperiment'> => {
  const running =
    standing?.experiment?.kind === 'a/b' ? experimentOf(standing, standing.experiment.experimentId) : undefined;
  if (running !== undefined) return { lastExperiment: { ...running, endedAtMs: Math.min(atMs, running.endedAtMs) } };
  return standing?.lastExperiment === undefined ? {} : { lastExperiment: standing.lastExperiment };
};

/** One version has everything and nothing is tried. */
export const settledPlan = (
  standing: PlanDraft | undefined,
  { model, version, atMs }: { readonly model: string; readonly version: number; readonly atMs: number },
): PlanDraft => ({
  model,
  salt: standing?.salt ?? `${model}-${version}`,
  createdAtMs: atMs,
  champion: version,
  arms: wholly(standing?.arms ?? [], version),
  ...(standing?.unit === undefined ? {} : { unit: standing.unit }),
  ...lastExperimentOf(standing, atMs),
});

/** Whether a plan needs no change to be settled on a version. */
export const isSettledOn = ({ champion, arms, cohorts, experiment }: PlanDraft, version: number): boolean =>
  champion === version &&
  experiment === undefined &&
  cohorts === undefined &&
  arms.length === 1 &&
  arms[0]?.version === version;

export interface CanaryShift {
  readonly model: string;
  readonly rolloutId: string;
  readonly version: number;
  /** What served before; undefined while nothing did: the canary then has everything from its first step. */
  readonly champion: number | undefined;
  /** Of the canary, in [0, 1]. */
  readonly weight: number;
  readonly settings: RoutingSettings;
  readonly atMs: number;
}

/**
 * The plan of one step of a canary: it takes its share from the champion alone. A new canary draws its units anew.
 * @throws InvalidStateError while an A/B experiment divides the traffic.
 */
export const canaryPlan = (standing: PlanDraft | undefined, shift: CanaryShift): PlanDraft => {
  const { model, rolloutId, version, champion, weight, settings, atMs } = shift;
  if (champion === undefined) return settledPlan(standing, { model, version, atMs });
  if (standing?.experiment?.kind === 'a/b' && weight > 0) {
    throw new InvalidStateError(`experiment ${standing.experiment.experimentId} of ${model} divides the traffic`);
  }
  if (weight === 0) return settledPlan(standing, { model, version: champion, atMs });
  const own = standing?.experiment?.kind === 'canary' && standing.experiment.rolloutId === rolloutId;
  const base = own && standing !== undefined ? standing : settledPlan(standing, { model, version: champion, atMs });
  const share = champion === version ? SLOT_COUNT : partsOf(weight);
  const wanted: readonly WantedShare[] =
    champion === version
      ? [{ version, share }]
      : [
          { version, share },
          { version: champion, share: SLOT_COUNT - share },
        ];
  return {
    model,
    salt: own ? base.salt : rolloutId,
    createdAtMs: atMs,
    champion,
    arms: reshare(base.arms, wanted),
    ...(settings.unit === undefined ? {} : { unit: settings.unit }),
    ...cohortsOf(settings, { canary: version, champion }),
    experiment: { kind: 'canary', rolloutId, version },
    ...lastExperimentOf(standing, atMs),
  };
};

export interface ExperimentStart {
  readonly model: string;
  readonly experimentId: string;
  /** Shares in [0, 1], summing to 1. */
  readonly arms: readonly { readonly version: number; readonly share: number }[];
  readonly unit?: ValueSource;
  readonly durationMs: number;
  readonly atMs: number;
}

const requireFree = ({ model, experiment }: PlanDraft, experimentId: string): void => {
  if (experiment === undefined) return;
  if (experiment.kind === 'a/b' && experiment.experimentId === experimentId) return;
  const what =
    experiment.kind === 'a/b'
      ? `experiment ${experiment.experimentId} until ${isoTime(experiment.endsAtMs)}`
      : `rollout ${experiment.rolloutId}`;
  throw new InvalidStateError(`the traffic of ${model} is divided by ${what}; end it first`);
};

/**
 * The plan of an A/B experiment. Repeated under its id, it is the same experiment.
 * @throws InvalidRequestError for fewer than two versions, or shares that do not sum to 1.
 * @throws InvalidStateError while the traffic is divided by something else.
 */
export const experimentPlan = (given: PlanDraft, start: ExperimentStart): PlanDraft => {
  const { model, experimentId, arms, durationMs, atMs } = start;
  const isOver = given.experiment?.kind === 'a/b' && given.experiment.endsAtMs <= atMs;
  const standing = isOver ? settledPlan(given, { model, version: given.champion, atMs }) : given;
  requireFree(standing, experimentId);
  if (standing.experiment !== undefined) return standing;
  const asked = arms.map(({ version, share }) => ({ version, share: partsOf(share) }));
  if (asked.filter(({ share }) => share > 0).length < 2) {
    throw new InvalidRequestError('an experiment must have two versions or more with a share above 0');
  }
  const { champion } = standing;
  const named = asked.some(({ version }) => version === champion);
  const unit = start.unit ?? standing.unit;
  return {
    model,
    salt: isDivided(standing) ? standing.salt : experimentId,
    createdAtMs: atMs,
    champion,
    arms: reshare(standing.arms, named ? asked : [...asked, { version: champion, share: 0 }]),
    ...(unit === undefined ? {} : { unit }),
    experiment: { kind: 'a/b', experimentId, startedAtMs: atMs, endsAtMs: atMs + durationMs },
    ...lastExperimentOf(standing, atMs),
  };
};

/** What a plan means at an instant: an experiment whose time is over leaves everything to the champion at once. */
export const planAt = <Plan extends PlanDraft>(plan: Plan, nowMs: number): Plan => {
  if (plan.experiment?.kind !== 'a/b' || nowMs < plan.experiment.endsAtMs) return plan;
  const { experiment: _, ...rest } = plan;
  return { ...rest, arms: wholly(plan.arms, plan.champion) } as unknown as Plan;
};
