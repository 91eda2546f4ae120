/**
 * How the requests of one model are divided over its versions, where `router: exact`. Two things, kept apart:
 *
 * - the *roster*: which versions a published version of the inference function may serve, each by its digests. It never
 *   changes; the published version pins its digest.
 * - the *plan*: which version gets which share, now. One item a model, each change of it on record in the audit log. It
 *   can name versions of the roster only, so that whoever writes a plan can put no bytes into service.
 */

/** Shares are whole parts of so many: each part is one slot, and each slot belongs to one version. */
export const SLOT_COUNT = 10_000;

/** Slots from one (included) to another (excluded). */
export type SlotRange = readonly [from: number, to: number];

export interface RoutingArm {
  readonly version: number;
  /** Of SLOT_COUNT; its slots' number. */
  readonly share: number;
  /** Ascending, apart from each other. */
  readonly slots: readonly SlotRange[];
}

/** Where a request has a value: a header, a feature of its rows, or a join key of the entities that they name. */
export type ValueSource = { readonly header: string } | { readonly feature: string } | { readonly entity: string };

/** Requests that are answered by one version whatever the shares are: they are not randomised, and no evidence. */
export interface RoutingCohort {
  readonly name: string;
  readonly when: ValueSource & { readonly in: readonly string[] };
  readonly version: number;
}

export type RoutingExperiment =
  | { readonly kind: 'canary'; readonly rolloutId: string; readonly version: number }
  | { readonly kind: 'a/b'; readonly experimentId: string; readonly startedAtMs: number; readonly endsAtMs: number };

/** An A/B experiment as it was or is: `endedAtMs` is when its time is over at the latest. */
export interface EndedExperiment {
  readonly experimentId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly arms: readonly Pick<RoutingArm, 'version' | 'share'>[];
  /** The champion while it ran, which the others are compared with; absent on an experiment from before this was kept. */
  readonly control?: number;
}

export interface RoutingPlan {
  readonly model: string;
  /** From 1; each change is one more. */
  readonly revision: number;
  /** What units are hashed with. Another one only where one version has everything, so that it moves nobody. */
  readonly salt: string;
  readonly createdAtMs: number;
  /** What has everything when nothing is tried, and answers what is not randomised. */
  readonly champion: number;
  /** Their shares sum to SLOT_COUNT. The champion is among them, be its share 0. */
  readonly arms: readonly RoutingArm[];
  /** What a unit is: requests with the same value stay with one version. Absent: each request is drawn by itself. */
  readonly unit?: ValueSource;
  readonly cohorts?: readonly RoutingCohort[];
  readonly experiment?: RoutingExperiment;
  /** The A/B experiment that ended last. */
  readonly lastExperiment?: EndedExperiment;
}

/** Names the shares that a request was assigned by. */
export const planId = ({ salt, revision }: Pick<RoutingPlan, 'salt' | 'revision'>): string => `${salt}#${revision}`;

export const armOf = ({ arms }: Pick<RoutingPlan, 'arms'>, version: number): RoutingArm | undefined =>
  arms.find((arm) => arm.version === version);

/** The A/B experiment of this id, if it runs or was the last. */
export const experimentOf = (
  {
    experiment,
    arms,
    lastExperiment,
    champion,
  }: Pick<RoutingPlan, 'experiment' | 'arms' | 'lastExperiment' | 'champion'>,
  experimentId: string,
): EndedExperiment | undefined => {
  if (experiment?.kind === 'a/b' && experiment.experimentId === experimentId) {
    const { startedAtMs, endsAtMs: endedAtMs } = experiment;
    const divided = arms.filter(({ share }) => share > 0).map(({ version, share }) => ({ version, share }));
    return { experimentId, startedAtMs, endedAtMs, arms: divided, control: champion };
  }
  return lastExperiment?.experimentId === experimentId ? lastExperiment : undefined;
};

/** Whether more than one version is asked. */
export const isDivided = ({ arms }: Pick<RoutingPlan, 'arms'>): boolean =>
  arms.filter(({ share }) => share > 0).length > 1;
