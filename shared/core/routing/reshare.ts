import { InvalidRequestError } from '../../kernel/errors.ts';
import { type RoutingArm, SLOT_COUNT, type SlotRange } from './routing-plan.ts';

/** A share in [0, 1] as parts. @throws InvalidRequestError for one that is no whole number of parts. */
export const partsOf = (share: number): number => {
  const parts = Math.round(share * SLOT_COUNT);
  if (share >= 0 && share <= 1 && Math.abs(share * SLOT_COUNT - parts) < 1e-6) return parts;
  throw new InvalidRequestError(`a share must be in [0, 1] in steps of ${1 / SLOT_COUNT}, got ${share}`);
};

/** What one version is to have. */
export type WantedShare = Pick<RoutingArm, 'version' | 'share'>;

const requireWhole = (wanted: readonly WantedShare[]): void => {
  const sum = wanted.reduce((total, { share }) => total + share, 0);
  const whole = wanted.every(({ share }) => Number.isInteger(share) && share >= 0);
  if (!whole || sum !== SLOT_COUNT) {
    throw new InvalidRequestError(
      `shares must be whole parts of ${SLOT_COUNT} and sum to it, got ${wanted.map(({ share }) => share).join(' + ')} = ${sum}`,
    );
  }
  if (new Set(wanted.map(({ version }) => version)).size !== wanted.length) {
    throw new InvalidRequestError(`versions must differ, got ${wanted.map(({ version }) => version).join(', ')}`);
  }
};

const NOBODY = -1;

/** The version at each slot. */
const ownersOf = (arms: readonly RoutingArm[]): Int32Array => {
  const owners = new Int32Array(SLOT_COUNT).fill(NOBODY);
  for (const { version, slots } of arms) for (const [from, to] of slots) owners.fill(version, from, to);
  return owners;
};

const rangesOf = (owners: Int32Array, version: number): readonly SlotRange[] => {
  const ranges: SlotRange[] = [];
  for (let slot = 0; slot < SLOT_COUNT; slot += 1) {
    if (owners[slot] !== version) continue;
    const from = slot;
    while (owners[slot + 1] === version) slot += 1;
    ranges.push([from, slot + 1]);
  }
  return ranges;
};

/**
 * Arms with the wanted shares. No slot moves but from a version whose share falls (or that is gone) to one whose share
 * rises: so a unit moves at most once while a share rises, and never back. Of the slots that a version gives up the
 * lowest go first, to the first of `wanted` that lacks some.
 */
export const reshare = (before: readonly RoutingArm[], wanted: readonly WantedShare[]): readonly RoutingArm[] => {
  requireWhole(wanted);
  const owners = ownersOf(before);
  const surplus = new Map<number, number>();
  for (const { version, share } of before) surplus.set(version, share);
  for (const { version, share } of wanted) surplus.set(version, (surplus.get(version) ?? 0) - share);
  const lacking = wanted.filter(({ version }) => (surplus.get(version) ?? 0) < 0);
  for (let slot = 0; slot < SLOT_COUNT; slot += 1) {
    const owner = owners[slot] ?? NOBODY;
    const spare = surplus.get(owner) ?? 0;
    if (owner !== NOBODY && spare <= 0) continue;
    const taker = lacking.find(({ version }) => (surplus.get(version) ?? 0) < 0);
    if (taker === undefined) break;
    owners[slot] = taker.version;
    surplus.set(owner, spare - 1);
    surplus.set(taker.version, (surplus.get(taker.version) ?? 0) + 1);
  }
  return wanted.map(({ version, share }) => ({ version, share, slots: rangesOf(owners, version) }));
};
