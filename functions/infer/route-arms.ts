import type { RosterMember } from '../../shared/core/routing/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import type { createHandler } from './handler.ts';
import type { createServedModel } from './load-served-model.ts';

/** Another model would leave too little memory for those that are open. */
export class ModelMemoryError extends Error {
  override readonly name = 'ModelMemoryError';
}

type Served = ReturnType<typeof createServedModel>;
type Answer = ReturnType<typeof createHandler>;

/** One version that this environment can answer with. */
export interface Arm {
  readonly answer: Answer;
  /** Begins to load it; what goes wrong is told to the requests that need it. */
  load(): void;
  /** Whether it has answered yet. */
  warm: boolean;
}

interface Deps {
  readonly model: string;
  /** What this published version may serve; its digest was verified. */
  readonly roster: readonly RosterMember[];
  /** Loads from its call on. */
  readonly open: (member: RosterMember) => Served;
  readonly answerBy: (served: Served, member: RosterMember) => Answer;
  /** What the process holds now, and what it may hold. */
  readonly residentBytes: () => number;
  readonly memoryBytes: number;
}

/** Above this share of the memory no further model is opened. */
const FULL_SHARE = 0.8;

/**
 * The versions of the roster, each opened once when a request first needs it, so that a challenger never delays the
 * champion. One that does not fit fails its own requests, and is tried again by the next.
 */
export const createArms = ({ model, roster, open, answerBy, residentBytes, memoryBytes }: Deps) => {
  const arms = new Map<number, { readonly arm: Arm; readonly release: () => void }>();

  const openLazily = (member: RosterMember): { readonly served: Served; readonly release: () => void } => {
    let opened: Served | undefined;
    const served: Served = () => {
      if (opened === undefined) {
        const others = [...arms.keys()].filter((version) => version !== member.version);
        const held = residentBytes();
        if (others.length > 0 && held > FULL_SHARE * memoryBytes) {
          const mb = (bytes: number): number => Math.round(bytes / 2 ** 20);
          throw new ModelMemoryError(
            `version ${member.version} of ${model} does not fit beside version ${others.join(', ')}: ${mb(held)} of ${mb(memoryBytes)} MB are in use; raise deployment.memoryMb`,
          );
        }
        opened = open(member);
      }
      return opened();
    };
    const release = (): void => {
      if (opened === undefined) return;
      Promise.resolve(opened())
        .then((loaded) => loaded?.runtime.release())
        .catch(() => undefined);
    };
    return { served, release };
  };

  return {
    /** Whether this environment may answer with a version. */
    has: (version: number): boolean => roster.some((member) => member.version === version),

    of(version: number): Arm {
      const known = arms.get(version);
      if (known !== undefined) return known.arm;
      const member = roster.find((one) => one.version === version);
      assert(member !== undefined, `version ${version} is in the roster`);
      const { served, release } = openLazily(member);
      const load = (): void => {
        (async () => served())().catch(() => undefined);
      };
      const arm: Arm = { answer: answerBy(served, member), load, warm: false };
      arms.set(version, { arm, release });
      return arm;
    },

    /** Lets go of versions that get no requests any more. */
    keepOnly(versions: ReadonlySet<number>): void {
      for (const [version, { release }] of arms) {
        if (versions.has(version)) continue;
        arms.delete(version);
        release();
      }
    },
  };
};

export type Arms = ReturnType<typeof createArms>;
