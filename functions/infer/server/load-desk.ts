import type { ModelCache } from '../../../shared/core/model-cache/index.ts';
import { count, type Metrics } from '../../../shared/core/prometheus/index.ts';
import { UnavailableError } from '../../../shared/kernel/errors.ts';
import { errorFields, logLine } from '../../../shared/kernel/log.ts';
import type { DescribedModel, FetchedModel, ModelSource } from '../../../shared/ports/model-source.ts';
import { createLoadFailures } from './load-failures.ts';
import type { Loaded, LoadOrder, Placement } from './messages.ts';
import { createModelRoom, NoRoomError } from './model-room.ts';
import { type Arrived, createPlacements } from './placements.ts';

/** A thread as the desk sees it. */
export interface Holder {
  readonly index: number;
  readonly role: 'http' | 'runner';
  load(order: LoadOrder): Promise<Loaded>;
  leave(key: string): Promise<void>;
}

interface Deps {
  readonly source: Pick<ModelSource, 'fetch'>;
  readonly cache: ModelCache;
  /** By their index. */
  readonly holders: readonly Holder[];
  readonly metrics: Metrics;
  readonly loadTimeoutMs: number;
  nowMs(): number;
}

/** A copy spares other threads a hop, which is worth so much of a load. */
const COPY_SHARE = 0.02;
/** What a load may take, of its model's file: the bytes on their way in, and twice that in an engine. */
const RESERVED_FACTOR = 3;
const LEAST_RESERVED_BYTES = 1_048_576;
/** Of a file that a thread which answers requests may load while it serves: what is larger would hold the others up. */
const MOST_INLINE_BYTES = 4 * 1_048_576;

const entryOf = (key: string, holder: number): string => `${key}#${holder}`;
const partsOf = (entry: string): readonly [key: string, holder: number] => {
  const at = entry.lastIndexOf('#');
  return [entry.slice(0, at), Number(entry.slice(at + 1))];
};

const isNotInterpreted = (error: unknown): boolean => error instanceof Error && error.name === 'NotInterpretedError';

/** The answer, or a refusal in its place after a while. Whoever comes later may still find it. */
const inTime = <T>(answer: Promise<T>, limitMs: number, refusal: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnavailableError(refusal)), limitMs);
  });
  return Promise.race([answer, limit]).finally(() => clearTimeout(timer));
};

/** Brings models to threads, each within the budget. */
const createLoader = ({ source, cache, holders, metrics, loadTimeoutMs, nowMs }: Deps) => {
  const placements = createPlacements();
  const room = createModelRoom({
    cache,
    nowMs,
    leave: async (entry) => {
      const [key, holder] = partsOf(entry);
      placements.drop(key, holder);
      count(metrics.series('millrace_model_evictions', []));
      await holders[holder]?.leave(key);
    },
  });

  const bringTo = async (
    holder: Holder,
    described: DescribedModel,
    { share, fetch }: { readonly share: number; readonly fetch: () => Promise<FetchedModel> },
  ): Promise<void> => {
    const { key, model, version, sizeBytes, mustAnswer } = described;
    const entry = entryOf(key, holder.index);
    const bytes = Math.max(LEAST_RESERVED_BYTES, Math.ceil(sizeBytes * RESERVED_FACTOR));
    await room.reserve({ key: entry, model, bytes, share }, nowMs() + loadTimeoutMs);
    let arrived: Arrived;
    try {
      const fetched = await fetch();
      const proof = mustAnswer && fetched.signature ? { mustAnswer: fetched.signature } : {};
      const order: LoadOrder = { key, model, version, bytes: fetched.bytes, reservedBytes: bytes, ...proof };
      arrived = { fetched, loaded: await holder.load(order) };
    } catch (error) {
      room.cancel(entry);
      throw error;
    }
    room.settle(entry, model, arrived.loaded.measuredBytes);
    // It has been sent away again if it turned out too large.
    if (room.isResident(entry)) placements.note(described, holder.index, arrived);
  };

  /** The runner with the fewest models that has not this one. */
  const runnerFor = (key: string): Holder | undefined =>
    holders
      .filter(({ role, index }) => role === 'runner' && !placements.isAt(key, index))
      .sort((a, b) => placements.countAt(a.index) - placements.countAt(b.index))[0];

  return {
    placements,
    room,
    runnerFor,
    /** The first copy: to the thread that asks if it may, else to a runner. */
    first: async (described: DescribedModel, inline: Holder | undefined): Promise<void> => {
      let fetching: Promise<FetchedModel> | undefined;
      const fetch = (): Promise<FetchedModel> => {
        fetching ??= inTime(source.fetch(described), loadTimeoutMs, `model ${described.model} is not fetched yet`);
        return fetching;
      };
      if (inline !== undefined) {
        try {
          await bringTo(inline, described, { share: 1, fetch });
          return;
        } catch (error) {
          if (!isNotInterpreted(error)) throw error;
        }
      }
      const runner = runnerFor(described.key);
      if (runner === undefined) {
        throw new UnavailableError(`model ${described.model} needs a runner, and there is none: RUNNER_THREADS is 0`);
      }
      await bringTo(runner, described, { share: 1, fetch });
    },
    copy: (holder: Holder, described: DescribedModel): Promise<void> =>
      bringTo(holder, described, { share: COPY_SHARE, fetch: () => source.fetch(described) }),
  };
};

/** Has models loaded: each once for all who wait for it, none held up by another. */
export const createLoadDesk = (deps: Deps) => {
  const { holders, metrics, loadTimeoutMs, nowMs } = deps;
  const { placements, room, runnerFor, first, copy } = createLoader(deps);
  const failures = createLoadFailures(nowMs);
  const loading = new Map<string, Promise<void>>();
  const copying = new Set<string>();
  const hasRunners = holders.some(({ role }) => role === 'runner');
  let serving = false;

  /** Whether a thread that answers requests may load it itself. */
  const mayInline = ({ sizeBytes }: DescribedModel): boolean =>
    !serving || !hasRunners || sizeBytes <= MOST_INLINE_BYTES;

  const bring = async (described: DescribedModel, asking: Holder): Promise<void> => {
    const { model, version } = described;
    try {
      await first(described, mayInline(described) ? asking : undefined);
      failures.forget(described);
      count(metrics.series('millrace_model_loads', ['loaded']));
    } catch (error) {
      count(metrics.series('millrace_model_loads', ['failed']));
      logLine('error', 'model was not loaded', { model, version, ...errorFields(error) });
      if (error instanceof NoRoomError) throw new UnavailableError(error.message, { cause: error });
      failures.note(described);
      if (error instanceof UnavailableError) throw error;
      const refusal = `version ${version} of ${model} cannot be served: it was not loaded`;
      throw new UnavailableError(refusal, { cause: error });
    }
  };

  return {
    /** From now on there are requests that a load could hold up. */
    beginServing: (): void => {
      serving = true;
    },
    standing: placements.standing,
    residentCount: placements.residentCount,
    used: room.used,
    /** Sends away what is not in use of a model; what is, leaves when its memory is needed. */
    unload: ({ key }: DescribedModel): void => {
      for (const holder of placements.standing(key)?.holders ?? []) room.evict(entryOf(key, holder));
    },
    /** Whether it is in memory, or would be loaded for who asks now. */
    mayServe: (described: DescribedModel): boolean =>
      placements.standing(described.key) !== undefined || (serving && failures.isDue(described)),
    /** @throws UnavailableError */
    require: async (described: DescribedModel, asking: Holder): Promise<Placement> => {
      const { key, model } = described;
      const found = placements.standing(key);
      if (found !== undefined) return found;
      failures.requireDue(described);
      const running = loading.get(key) ?? bring(described, asking).finally(() => loading.delete(key));
      loading.set(key, running);
      await inTime(running, loadTimeoutMs, `model ${model} is not loaded yet`);
      const placement = placements.standing(key);
      if (placement === undefined) throw new UnavailableError(`model ${model} takes more memory than there is`);
      return placement;
    },
    /** One more copy of a model that is asked for more than its holders answer, if there is memory to spare. */
    copy: async (key: string, asking: Holder): Promise<void> => {
      const [described, placement] = [placements.describedOf(key), placements.standing(key)];
      if (described === undefined || placement === undefined) return;
      const holder = placement.engine === 'interpreter' && mayInline(described) ? asking : runnerFor(key);
      if (holder === undefined) return;
      const entry = entryOf(key, holder.index);
      if (copying.has(entry) || room.isKnown(entry)) return;
      copying.add(entry);
      // Without it the model is where it was.
      await copy(holder, described).catch(() => undefined);
      copying.delete(entry);
    },
  };
};

export type LoadDesk = ReturnType<typeof createLoadDesk>;
