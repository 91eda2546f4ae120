import type { ServableModel, Tensor } from '../../../shared/core/inference/index.ts';
import { UnavailableError } from '../../../shared/kernel/errors.ts';
import type { Executor } from './executor.ts';
import type { Placement } from './messages.ts';
import type { Peer } from './peer-runs.ts';

type Outputs = readonly Tensor[];

/** A model as this thread knows it. It stays the same while its placement changes. */
export interface FoundModel extends ServableModel {
  readonly placement: Placement;
}

interface Known {
  readonly found: FoundModel;
  /** Other threads that hold it, as far as is known. */
  holders: readonly number[];
  nextHolder: number;
  /** Runs elsewhere since `countedFromMs`. */
  runsElsewhere: number;
  countedFromMs: number;
  copyAskedAtMs: number;
}

interface Name {
  readonly known: Known;
  foundAtMs: number;
}

interface Deps {
  readonly executor: Pick<Executor, 'has' | 'run'>;
  readonly peers: readonly (Peer | undefined)[];
  /** Asks the coordinator, which has it loaded if need be. */
  ask(model: string, version?: string): Promise<Placement>;
  askForCopy(key: string): void;
  /** Wraps each run. */
  running(found: FoundModel, run: () => Outputs | Promise<Outputs>): Outputs | Promise<Outputs>;
}

/** Which version serves is asked again so often; meanwhile what was found serves on. */
const REFRESH_MS = 10_000;
/** A model whose holder loses it meanwhile is looked for so often. */
const MOST_MOVES = 4;
const MOST_NAMES = 10_000;
/** Runs elsewhere within a second, and runs that wait elsewhere, from which on a copy is asked for. */
const BUSY_RUNS = 8;
const BUSY_WAITING = 4;
const COPY_EVERY_MS = 1_000;

/** Whether a run elsewhere is one too many. It is said once in a while only. */
const wantsCopy = (known: Known, peer: Peer): boolean => {
  const nowMs = performance.now();
  if (nowMs - known.countedFromMs > COPY_EVERY_MS) {
    known.countedFromMs = nowMs;
    known.runsElsewhere = 0;
  }
  known.runsElsewhere += 1;
  const { engine } = known.found.placement;
  const busy = engine === 'interpreter' ? known.runsElsewhere >= BUSY_RUNS : peer.pendingCount >= BUSY_WAITING;
  if (!busy || nowMs - known.copyAskedAtMs < COPY_EVERY_MS) return false;
  known.copyAskedAtMs = nowMs;
  return true;
};

/** Finds models for one thread's requests, and runs them wherever they are. */
export const createModelFinder = ({ executor, peers, ask, askForCopy, running }: Deps) => {
  const names = new Map<string, Name>();
  const byKey = new Map<string, Known>();

  const here = ({ found, holders }: Known): boolean => executor.has(found.placement.key) || holders.length > 0;

  /** @returns undefined where none of its holders has it any more. */
  const askHolders = async (known: Known, inputs: readonly Tensor[], outputNames?: readonly string[]) => {
    while (known.holders.length > 0) {
      const holder = known.holders[known.nextHolder % known.holders.length] as number;
      known.nextHolder += 1;
      const peer = peers[holder];
      if (peer !== undefined && wantsCopy(known, peer)) askForCopy(known.found.placement.key);
      const outputs = await peer?.run(known.found.placement.key, inputs, outputNames);
      if (outputs !== undefined) return outputs;
      known.holders = known.holders.filter((one) => one !== holder);
    }
    return undefined;
  };

  const runElsewhere = async (known: Known, inputs: readonly Tensor[], outputNames?: readonly string[]) => {
    const { key, model, version } = known.found.placement;
    for (let move = 0; move < MOST_MOVES; move += 1) {
      const local = executor.run(key, inputs, outputNames);
      const outputs = local ?? (await askHolders(known, inputs, outputNames));
      if (outputs !== undefined) return outputs;
      const placement = await ask(model, version);
      known.holders = placement.holders.filter((one) => peers[one] !== undefined);
    }
    throw new UnavailableError(`model ${model} left the memory again and again: there is not enough for what is asked`);
  };

  const knownOf = (placement: Placement): Known => {
    const holders = placement.holders.filter((one) => peers[one] !== undefined);
    const standing = byKey.get(placement.key);
    if (standing !== undefined) {
      standing.holders = holders;
      return standing;
    }
    const { key, model, version, inputs, outputs, signature } = placement;
    const known: Known = {
      found: {
        name: model,
        version,
        inputs,
        outputs: signature?.outputs ?? outputs,
        ...(signature === undefined ? {} : { signature }),
        placement,
        run: (given, outputNames) =>
          running(known.found, () => executor.run(key, given, outputNames) ?? runElsewhere(known, given, outputNames)),
      },
      holders,
      nextHolder: 0,
      runsElsewhere: 0,
      countedFromMs: 0,
      copyAskedAtMs: Number.NEGATIVE_INFINITY,
    };
    if (byKey.size >= MOST_NAMES) byKey.clear();
    byKey.set(key, known);
    return known;
  };

  const look = async (model: string, version: string | undefined, name: string): Promise<FoundModel> => {
    const known = knownOf(await ask(model, version));
    if (names.size >= MOST_NAMES) names.clear();
    names.set(name, { known, foundAtMs: performance.now() });
    return known.found;
  };

  return {
    forget: (model: string): void => {
      for (const name of [...names.keys()]) if (name === model || name.startsWith(`${model}\n`)) names.delete(name);
    },
    find: (model: string, version?: string): FoundModel | Promise<FoundModel> => {
      const name = version === undefined ? model : `${model}\n${version}`;
      const named = names.get(name);
      if (named === undefined || !here(named.known)) return look(model, version, name);
      const nowMs = performance.now();
      if (nowMs - named.foundAtMs > REFRESH_MS) {
        named.foundAtMs = nowMs;
        look(model, version, name).catch(() => names.delete(name));
      }
      return named.known.found;
    },
  };
};
