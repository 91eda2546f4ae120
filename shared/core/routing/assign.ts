import { assert } from '../../kernel/assert.ts';
import type { Sha256 } from '../audit/index.ts';
import { type RoutingCohort, type RoutingPlan, SLOT_COUNT, type ValueSource } from './routing-plan.ts';

/** What is asked of a plan for one request. */
export interface AssignmentRequest {
  /** The value of what the plan calls a unit; undefined for a request without one. */
  readonly unitKey?: string;
  /** The request's value there, if it has exactly one. */
  readonly valueAt: (source: ValueSource) => string | undefined;
  /** Uniform in [0, 1): decides for requests without a unit. */
  readonly random: number;
}

export interface Assignment {
  /** The version that answers. */
  readonly version: number;
  /** How probable that version was for this unit, at this time, in (0, 1]. */
  readonly probability: number;
  /** Who the unit is, without telling: the same as long as the salt is. */
  readonly unit?: string;
  /** Why it was not drawn. */
  readonly cohort?: string;
}

const UNIT_DIGITS = 32;
const POSITION_DIGITS = 16;

/** The first 128 bits of SHA-256 over salt and key, hex. */
export const unitOf = (salt: string, key: string, sha256: Sha256): string =>
  sha256(`${salt}\n${key}`).slice(0, UNIT_DIGITS);

/**
 * The slot of a unit: its first 64 bits as a fraction of 2^64, in SLOT_COUNT steps. Slots are equally probable to a
 * part in 10^15, since 2^64 is no multiple of their number.
 */
export const slotOfUnit = (unit: string): number =>
  Number((BigInt(`0x${unit.slice(0, POSITION_DIGITS)}`) * BigInt(SLOT_COUNT)) >> 64n);

const isMember = ({ when }: RoutingCohort, valueAt: AssignmentRequest['valueAt']): boolean => {
  const value = valueAt(when);
  return value !== undefined && when.in.includes(value);
};

/**
 * The version that answers a request: its cohort's, or else the one that its unit's slot belongs to; a request without a
 * unit has a slot by chance.
 */
export const assign = (
  { salt, arms, cohorts = [] }: Pick<RoutingPlan, 'salt' | 'arms' | 'cohorts'>,
  { unitKey, valueAt, random }: AssignmentRequest,
  sha256: Sha256,
): Assignment => {
  const unit = unitKey === undefined ? undefined : unitOf(salt, unitKey, sha256);
  const known = unit === undefined ? {} : { unit };
  const cohort = cohorts.find((one) => isMember(one, valueAt));
  if (cohort !== undefined) return { version: cohort.version, probability: 1, ...known, cohort: cohort.name };
  const slot = unit === undefined ? Math.floor(random * SLOT_COUNT) : slotOfUnit(unit);
  const arm = arms.find(({ slots }) => slots.some(([from, to]) => slot >= from && slot < to));
  assert(arm !== undefined, `slot ${slot} belongs to a version`);
  return { version: arm.version, probability: arm.share / SLOT_COUNT, ...known };
};
