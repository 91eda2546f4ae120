import type { LocalClock, TimerHandle } from '../contracts.ts';
import type { Item } from './attribute-value.ts';
import type { Engine } from './engine.ts';

/** DynamoDB leaves alone what claims to have expired longer ago: such a time is a mistake. */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 24 * 60 * 60;
/** AWS deletes "within a few days"; here on the next quarter of an hour, so that code which relies on the instant is found. */
const SWEEP_INTERVAL_MS = 15 * 60 * 1_000;
const SWEEP_BATCH = 500;

/** Deletes items whose time has come; answers how many. */
export const deleteExpired = (engine: Engine): number => {
  const nowSeconds = Math.floor(engine.nowMs() / 1_000);
  const due = engine.storage.expired(nowSeconds, SWEEP_BATCH);
  engine.transaction(() => {
    for (const { storageId, key, expiresAtSeconds } of due) {
      const table = engine.tables().find((candidate) => candidate.storageId === storageId);
      const item = table && engine.read(table, JSON.parse(key) as Item);
      if (table && item && nowSeconds - expiresAtSeconds <= OLDEST_EXPIRY_SECONDS) {
        engine.write(table, { key: JSON.parse(key) as Item, before: item.item, after: undefined, byTimeToLive: true });
      } else {
        engine.storage.clearExpiry(storageId, key);
      }
    }
  });
  return due.length;
};

export interface ExpirySweeper {
  /** Sets the timer anew after writes may have brought the next expiry forward. */
  arm(): void;
  stop(): void;
}

/** Sweeps by the clock, and only when something will be due: an idle cloud sets no timer. */
export const createExpirySweeper = (engine: Engine, clock: LocalClock): ExpirySweeper => {
  let timer: { readonly atMs: number; readonly handle: TimerHandle } | undefined;

  const stop = (): void => {
    timer?.handle.cancel();
    timer = undefined;
  };

  const arm = (): void => {
    const next = engine.storage.nextExpiry();
    if (next === undefined) {
      stop();
      return;
    }
    const dueMs = Math.max(next * 1_000, clock.nowMs() + 1);
    const atMs = Math.ceil(dueMs / SWEEP_INTERVAL_MS) * SWEEP_INTERVAL_MS;
    if (timer !== undefined && timer.atMs <= atMs) return;
    stop();
    timer = { atMs, handle: clock.at(atMs, 'dynamodb: delete expired items', sweep) };
  };

  const sweep = (): void => {
    timer = undefined;
    while (deleteExpired(engine) === SWEEP_BATCH);
    arm();
  };

  return { arm, stop };
};
