import { Buffer } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { format } from 'node:util';
import type { SeededRandom } from '../simulation/seeded-random.ts';
import { inherit } from './inherit.ts';

/** What the globals of an in-process environment are made of. */
export interface GlobalsOptions {
  /** The function's clock: virtual time and its skew. */
  readonly nowMs: () => number;
  readonly environment: Readonly<Record<string, string>>;
  readonly random: SeededRandom;
  /** Web Crypto whose random values come from the seed. */
  readonly webcrypto: object;
  readonly timers: EnvironmentTimers;
  readonly log: (text: string, level: string | undefined) => void;
  /** `process.exit` and what amounts to it. */
  readonly exit: (code: number) => void;
}

export interface EnvironmentTimers {
  setTimeout(task: (...values: readonly unknown[]) => void, ms?: number, ...values: readonly unknown[]): object;
  setInterval(task: (...values: readonly unknown[]) => void, ms?: number, ...values: readonly unknown[]): object;
  clear(handle: unknown): void;
}

const virtualDate = (now: () => number): DateConstructor => {
  function VirtualDate(...parts: readonly unknown[]): unknown {
    if (new.target === undefined) return new Date(now()).toString();
    return Reflect.construct(Date, parts.length === 0 ? [now()] : parts, new.target);
  }
  Object.assign(VirtualDate, { now, parse: Date.parse, UTC: Date.UTC });
  Object.defineProperty(VirtualDate, 'name', { value: 'Date' });
  Object.setPrototypeOf(VirtualDate, Date);
  VirtualDate.prototype = Object.create(Date.prototype, {
    constructor: { value: VirtualDate, writable: true, configurable: true },
  });
  // `instanceof` holds for every date, also for one that a native module made.
  Object.defineProperty(VirtualDate, Symbol.hasInstance, { value: (value: unknown) => value instanceof Date });
  return VirtualDate as unknown as DateConstructor;
};

/** Inherits everything else: engines read constants of a prototype as fast as those of `Math` itself. */
const seededMath = (random: SeededRandom): object => inherit(Math, { random: random.fraction });

const LEVELS = [
  ['log', 'INFO'],
  ['info', 'INFO'],
  ['debug', 'DEBUG'],
  ['trace', 'TRACE'],
  ['warn', 'WARN'],
  ['error', 'ERROR'],
] as const;

const functionConsole = (log: GlobalsOptions['log']): object =>
  Object.fromEntries(
    LEVELS.map(([method, level]) => [method, (...values: readonly unknown[]) => log(format(...values), level)]),
  );

/** Of a function with little to do. What the whole simulation holds is not one environment's, nor the same in every run. */
const RESIDENT_BYTES = 96 * 2 ** 20;

const memoryUsage = Object.assign(
  () => ({ rss: RESIDENT_BYTES, heapTotal: RESIDENT_BYTES, heapUsed: RESIDENT_BYTES, external: 0, arrayBuffers: 0 }),
  { rss: () => RESIDENT_BYTES },
);

const functionProcess = ({ environment, exit, log, nowMs }: GlobalsOptions): object => {
  const write = (chunk: string | Uint8Array): boolean => {
    log(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'), undefined);
    return true;
  };
  const own = new EventEmitter();
  const hrtime = Object.assign(
    (since: readonly [number, number] = [0, 0]) => {
      const elapsedMs = nowMs() - since[0] * 1_000 - since[1] / 1e6;
      return [Math.floor(elapsedMs / 1_000), Math.round((elapsedMs % 1_000) * 1e6)];
    },
    { bigint: () => BigInt(Math.round(nowMs() * 1e6)) },
  );
  return inherit(process, {
    env: { ...environment },
    stdout: { write, isTTY: false },
    stderr: { write, isTTY: false },
    pid: 8,
    argv: ['/var/lang/bin/node', '/var/runtime/index.mjs'],
    cwd: () => environment.LAMBDA_TASK_ROOT ?? '/',
    exit,
    hrtime,
    memoryUsage,
    uptime: () => 0,
    emitWarning: () => {},
    on: own.on.bind(own),
    once: own.once.bind(own),
    off: own.off.bind(own),
  });
};

const signalWithTimers = (timers: EnvironmentTimers): typeof AbortSignal =>
  new Proxy(AbortSignal, {
    get: (target, key) => {
      if (key !== 'timeout') return Reflect.get(target, key);
      return (ms: number): AbortSignal => {
        const controller = new AbortController();
        timers.setTimeout(() => controller.abort(new DOMException('The operation was aborted', 'TimeoutError')), ms);
        return controller.signal;
      };
    },
  });

/**
 * The globals that differ for a function in a simulation, by name: time, timers, chance, the console, the process. A
 * bundle sees them as parameters of the wrapper that it is evaluated in, so other code of this process keeps its own.
 */
export const environmentGlobals = (options: GlobalsOptions): Readonly<Record<string, unknown>> => {
  const { nowMs, random, timers, log } = options;
  const startedAtMs = nowMs();
  const own = {
    AbortSignal: signalWithTimers(timers),
    Date: virtualDate(nowMs),
    Math: seededMath(random),
    clearInterval: timers.clear,
    clearTimeout: timers.clear,
    console: functionConsole(log),
    crypto: options.webcrypto,
    fetch: () => Promise.reject(new TypeError('fetch failed: a simulation has no network')),
    performance: { now: () => nowMs() - startedAtMs, timeOrigin: startedAtMs, mark: () => {}, measure: () => {} },
    process: functionProcess(options),
    setInterval: timers.setInterval,
    setTimeout: timers.setTimeout,
  };
  const global = inherit(globalThis, own);
  return { ...own, global: Object.assign(global, { global, globalThis: global }), globalThis: global };
};
