import { assert } from '../../kernel/assert.ts';
import { type Candidate, chooseLeaving } from './choose-leaving.ts';
import { createUseFrequency } from './use-frequency.ts';

/**
 * Which models stay in memory: a ledger of bytes and the choice of what leaves. A model's worth is its uses for each
 * byte (the frequency–size priority of Cherkasova's GDSF, HPL-98-69R1, with TinyLFU's aged counts in the place of its
 * inflation), and the least worth leaves first. Every model that is asked for comes in, because it must answer; one
 * that is rarely asked for is the first to leave again, which is what TinyLFU's admission would have come to.
 *
 * A load goes request → start → settle (or cancel), a departure request → left. Bytes of models that are leaving count
 * until they have left, so what is resident and what is being loaded never exceed the budget together.
 */
export interface ModelCache {
  /** Counts uses of a model, in memory or not. */
  used(model: string, times?: number): void;
  /**
   * Plans a load.
   * @param bytes most that the load takes, in flight and after.
   * @param model whose uses count; a copy (`share` below 1) is worth that share of them.
   * @returns the entries that must leave first; each is told by `left` when it has.
   */
  request(load: LoadRequest): LoadPlan;
  /** Whether the bytes are free now; from then on they are taken. */
  start(key: string): boolean;
  /** The load's end, with the bytes that were measured. @returns the entries that must leave now if they are more than were planned: others, and itself where they are not enough. */
  settle(key: string, measuredBytes: number): readonly string[];
  /** The load failed or is not wanted. */
  cancel(key: string): void;
  /** Sends an entry away that is not in use; false where it stays. It is told by `left` when it has. */
  evict(key: string): boolean;
  left(key: string): void;
  /** An entry in use does not leave. */
  pin(key: string): void;
  unpin(key: string): void;
  stateOf(key: string): EntryState | undefined;
  readonly residentBytes: number;
  /** Resident, leaving and loading: what the budget bounds. */
  readonly takenBytes: number;
  readonly budgetBytes: number;
}

type EntryState = 'waiting' | 'loading' | 'resident' | 'leaving';

export interface LoadRequest {
  readonly key: string;
  readonly model: string;
  readonly bytes: number;
  readonly share?: number;
}

export type LoadPlan =
  | { readonly outcome: 'planned'; readonly leaving: readonly string[] }
  /** It alone exceeds the budget: it can never be served. */
  | { readonly outcome: 'too-large' }
  /** Everything that could leave is in use: ask again later. */
  | { readonly outcome: 'full' };

interface Entry {
  readonly key: string;
  readonly model: string;
  readonly share: number;
  state: EntryState;
  bytes: number;
  pins: number;
}

const MOST_MODELS_REMEMBERED = 20_000;

export const createModelCache = ({ budgetBytes }: { readonly budgetBytes: number }): ModelCache => {
  const entries = new Map<string, Entry>();
  const frequency = createUseFrequency({ maxKeys: MOST_MODELS_REMEMBERED });
  /** By state: `waiting` is promised, the others are taken. */
  const bytesIn: Record<EntryState, number> = { waiting: 0, loading: 0, resident: 0, leaving: 0 };
  const taken = (): number => bytesIn.loading + bytesIn.resident + bytesIn.leaving;

  const move = (entry: Entry, state: EntryState, bytes = entry.bytes): void => {
    bytesIn[entry.state] -= entry.bytes;
    bytesIn[state] += bytes;
    entry.state = state;
    entry.bytes = bytes;
  };
  const entryOf = (key: string, ...states: readonly EntryState[]): Entry => {
    const entry = entries.get(key);
    assert(entry !== undefined && states.includes(entry.state), `${key} is ${entry?.state ?? 'absent'}, not ${states}`);
    return entry;
  };
  const remove = (entry: Entry): void => {
    bytesIn[entry.state] -= entry.bytes;
    entries.delete(entry.key);
  };

  const choose = (bytes: number, copy?: Candidate): readonly Entry[] =>
    chooseLeaving(
      [...entries.values()].filter(({ state, pins }) => state === 'resident' && pins === 0),
      { bytes, ...(copy === undefined ? {} : { copy }) },
      frequency.of,
    );
  const missing = (): number => taken() - bytesIn.leaving + bytesIn.waiting - budgetBytes;

  return {
    used: (model, times) => frequency.used(model, times),
    request: ({ key, model, bytes, share = 1 }) => {
      assert(!entries.has(key), `${key} is ${entries.get(key)?.state} already`);
      if (bytes > budgetBytes) return { outcome: 'too-large' };
      const chosen = choose(missing() + bytes, share < 1 ? { model, share, bytes } : undefined);
      const freed = chosen.reduce((sum, entry) => sum + entry.bytes, 0);
      if (missing() + bytes > freed) return { outcome: 'full' };
      for (const entry of chosen) move(entry, 'leaving');
      entries.set(key, { key, model, share, state: 'waiting', bytes, pins: 0 });
      bytesIn.waiting += bytes;
      return { outcome: 'planned', leaving: chosen.map((entry) => entry.key) };
    },
    start: (key) => {
      const entry = entryOf(key, 'waiting');
      if (taken() + entry.bytes > budgetBytes) return false;
      move(entry, 'loading');
      return true;
    },
    settle: (key, measuredBytes) => {
      const entry = entryOf(key, 'loading');
      move(entry, 'resident', measuredBytes);
      entry.pins += 1;
      const others = choose(missing());
      entry.pins -= 1;
      for (const one of others) move(one, 'leaving');
      if (missing() > 0) move(entry, 'leaving');
      return [...others, ...(entry.state === 'leaving' ? [entry] : [])].map((one) => one.key);
    },
    cancel: (key) => remove(entryOf(key, 'waiting', 'loading')),
    evict: (key) => {
      const entry = entries.get(key);
      if (entry?.state !== 'resident' || entry.pins > 0) return false;
      move(entry, 'leaving');
      return true;
    },
    left: (key) => remove(entryOf(key, 'leaving', 'resident')),
    pin: (key) => {
      entryOf(key, 'resident', 'leaving').pins += 1;
    },
    unpin: (key) => {
      const entry = entries.get(key);
      if (entry !== undefined) entry.pins -= 1;
    },
    stateOf: (key) => entries.get(key)?.state,
    get residentBytes() {
      return bytesIn.resident;
    },
    get takenBytes() {
      return taken();
    },
    budgetBytes,
  };
};
