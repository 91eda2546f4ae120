import { InvalidStateError } from '../../kernel/errors.ts';
import type { ModelVersion, VersionLifecycle } from '../registry/index.ts';

/**
 * What becomes of a version that is no longer wanted. In use, it may be rolled out once it is approved. Retired, it may
 * not, and everything of it stays; it may come back. Archived, it stays on record, and its files may be collected after a
 * while: there is no way back.
 */
export type LifecycleMove = 'retire' | 'reinstate' | 'archive';

interface Rule {
  readonly from: VersionLifecycle;
  readonly to: VersionLifecycle;
}

const RULES: Readonly<Record<LifecycleMove, Rule>> = {
  retire: { from: 'IN_USE', to: 'RETIRED' },
  reinstate: { from: 'RETIRED', to: 'IN_USE' },
  archive: { from: 'RETIRED', to: 'ARCHIVED' },
};

/**
 * @returns where the version is after the move, which is where it was when it was moved so before.
 * @throws InvalidStateError for a move that does not lead on from where it is.
 */
export const moveLifecycle = (
  { model, version, ...standing }: Pick<ModelVersion, 'model' | 'version' | 'lifecycle'>,
  move: LifecycleMove,
): VersionLifecycle => {
  const lifecycle: VersionLifecycle = standing.lifecycle ?? 'IN_USE';
  const { from, to } = RULES[move];
  if (lifecycle === from || lifecycle === to) return to;
  const allowed = Object.entries(RULES).filter(([, rule]) => rule.from === lifecycle);
  const moves = allowed.length === 0 ? 'nothing more' : allowed.map(([name]) => name).join(' or ');
  throw new InvalidStateError(
    `model version ${model}@${version} is ${lifecycle}: ${move} needs one that is ${from}; allowed: ${moves}`,
  );
};
