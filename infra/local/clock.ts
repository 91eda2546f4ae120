import type { LocalClock } from './contracts.ts';
import { createHolds, type Holds } from './holds.ts';
import { createSharedTime, type SharedTime } from './shared-time.ts';
import type { Scheduler } from './simulation/scheduler.ts';
import { createSimulatedTimers } from './simulation/simulated-timers.ts';
import { createTimerRunner, type TimerRunner } from './timer-runner.ts';

/**
 * The one clock of the embedded cloud. In leap mode time stands still while work is in progress and jumps from timer
 * to timer when `advanceTo`, `advanceBy` or `runUntil` drive it; in wall mode it flows. Timers that are due run by
 * themselves in both modes.
 */
export interface VirtualClock extends LocalClock {
  /** Leaps to `atMs`, running every timer on the way in order. Returns at once when `atMs` is past. */
  advanceTo(atMs: number): Promise<void>;
  advanceBy(durationMs: number): Promise<void>;
  /** Leaps from timer to timer until the predicate holds, at most to `deadlineMs`. @returns whether it held. */
  runUntil(predicate: () => boolean | Promise<boolean>, deadlineMs: number): Promise<boolean>;
  /** Waits until no work is in progress and no timer is due, without moving the time. */
  settle(): Promise<void>;
  /**
   * Of a simulation: leaps from timer to timer while somebody outside waits for what only a later instant brings, and
   * nobody drives. Returns when there is nothing to wait for.
   */
  leapWhile(waiting: () => boolean): Promise<void>;
  startWall(): void;
  stopWall(): void;
  /** Cancels everything; the time stays readable. */
  stop(): void;
  /** What worker threads read the time from, by `readSharedClock`. */
  readonly shared: SharedArrayBuffer;
  /** Labels of the open holds, for diagnosis. */
  openHolds(): readonly string[];
  /** The instant of the next timer, if one is set. */
  nextTimerMs(): number | undefined;
}

export interface ClockOptions {
  readonly startMs: number;
  /**
   * After so many real milliseconds of uninterrupted work, time flows until the work is done: a handler that polls
   * for something which a timer will bring about (a function update, a state's time-out) would wait for ever otherwise.
   * Default 1,000.
   */
  readonly stallMs?: number;
  readonly onTaskError?: (label: string, error: unknown) => void;
  /** Told of every leap before the timers of its instant run: who keeps the time must never see it go back. */
  readonly onLeap?: (nowMs: number) => void;
  /** Of a simulation: it says when everything is at rest and in which order timers run. Time never flows then. */
  readonly scheduler?: Scheduler;
}

const DEFAULT_STALL_MS = 1_000;

const reportTaskError = (label: string, error: unknown): void => {
  console.error(`timer ${label} failed`, error);
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface ClockParts {
  readonly time: SharedTime;
  readonly holds: Holds;
  readonly timers: TimerRunner;
  readonly stallMs: number;
  readonly onLeap: (nowMs: number) => void;
  readonly wallRequested: () => boolean;
  readonly scheduler: Scheduler | undefined;
  /** Resolves when no advance is under way; set while one is. */
  advance: Promise<void> | undefined;
}

const setFlowing = ({ time, timers }: ClockParts, flow: boolean): void => {
  time.setFlowing(flow);
  timers.wake();
};

const settle = async (parts: ClockParts): Promise<void> => {
  const { holds, timers, scheduler } = parts;
  // Work may be in progress for ever in a simulation: what waits for a later instant must not keep time from moving.
  if (scheduler) return scheduler.idle();
  const stall = setTimeout(() => setFlowing(parts, true), parts.stallMs);
  try {
    // A turn of the event loop lets whatever the last release set free open its own hold before time moves.
    do {
      await holds.released();
      await turn();
    } while ((holds.openLabels().length > 0 || timers.busy()) && !timers.stopped());
  } finally {
    clearTimeout(stall);
    if (!parts.wallRequested()) setFlowing(parts, false);
  }
};

const leapTo = async (parts: ClockParts, atMs: number): Promise<void> => {
  parts.time.moveTo(atMs);
  parts.onLeap(parts.time.nowMs());
  parts.timers.wake();
  await settle(parts);
};

/** Moves to the next timer at or before the limit. @returns false when there is none. */
const leapToNext = async (parts: ClockParts, limitMs: number): Promise<boolean> => {
  const nextMs = parts.timers.nextTimerMs();
  if (nextMs === undefined || nextMs > limitMs || parts.timers.stopped()) return false;
  await leapTo(parts, nextMs);
  return true;
};

/** Runs work during which nobody else may move the time. */
const alone = async <T>(parts: ClockParts, work: () => Promise<T>): Promise<T> => {
  while (parts.advance) await parts.advance;
  const { promise, resolve } = Promise.withResolvers<void>();
  parts.advance = promise;
  try {
    return await work();
  } finally {
    parts.advance = undefined;
    resolve();
  }
};

const advanceTo = (parts: ClockParts, atMs: number): Promise<void> =>
  alone(parts, async () => {
    await settle(parts);
    while (await leapToNext(parts, atMs));
    await leapTo(parts, atMs);
  });

const runUntil = async (
  parts: ClockParts,
  predicate: () => boolean | Promise<boolean>,
  deadlineMs: number,
): Promise<boolean> => {
  await alone(parts, () => settle(parts));
  do {
    if (await predicate()) return true;
  } while (await alone(parts, () => leapToNext(parts, deadlineMs)));
  await alone(parts, () => leapTo(parts, deadlineMs));
  return predicate();
};

const leapWhile = async (parts: ClockParts, waiting: () => boolean): Promise<void> => {
  while (waiting() && !parts.timers.stopped()) {
    await settle(parts);
    if (!waiting()) return;
    if (parts.advance) await parts.advance;
    else if (!(await alone(parts, () => leapToNext(parts, Number.POSITIVE_INFINITY)))) return;
  }
};

export const createVirtualClock = (options: ClockOptions): VirtualClock => {
  const time = createSharedTime(options.startMs);
  const holds = createHolds();
  const { scheduler, onTaskError = reportTaskError } = options;
  const timers = scheduler
    ? createSimulatedTimers({ time, holds, scheduler, onTaskError })
    : createTimerRunner({ time, holds, onTaskError });
  let wallRequested = false;
  let driven = false;
  const parts: ClockParts = {
    time,
    holds,
    timers,
    stallMs: options.stallMs ?? DEFAULT_STALL_MS,
    onLeap: options.onLeap ?? (() => {}),
    wallRequested: () => wallRequested,
    scheduler,
    advance: undefined,
  };

  const drive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (driven) throw new Error('the clock is being driven already: await the earlier advance first');
    if (wallRequested) throw new Error('the clock follows wall time: call stopWall before driving it');
    driven = true;
    try {
      return await work();
    } finally {
      driven = false;
    }
  };
  const setWall = (wall: boolean): void => {
    if (scheduler && wall) throw new Error('a simulation has no wall time: drive the clock');
    wallRequested = wall;
    setFlowing(parts, wall);
  };

  return {
    nowMs: time.nowMs,
    at: timers.at,
    hold: holds.hold,
    during: holds.during,
    native: scheduler?.native ?? holds.during,
    advanceTo: (atMs) => drive(() => advanceTo(parts, atMs)),
    advanceBy: (durationMs) => drive(() => advanceTo(parts, time.nowMs() + durationMs)),
    runUntil: (predicate, deadlineMs) => drive(() => runUntil(parts, predicate, deadlineMs)),
    settle: () => settle(parts),
    leapWhile: (waiting) => leapWhile(parts, waiting),
    startWall: () => setWall(true),
    stopWall: () => setWall(false),
    stop: () => {
      timers.stop();
      time.setFlowing(false);
    },
    shared: time.memory,
    openHolds: holds.openLabels,
    nextTimerMs: timers.nextTimerMs,
  };
};
