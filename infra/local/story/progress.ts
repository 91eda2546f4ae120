import type { Writable } from 'node:stream';

/** What a person sees while the story goes on: one line a fact, with its virtual time. */
export interface Progress {
  /** A headline outside virtual time: synthesis, boot. */
  stage(text: string): void;
  /** A fact at a virtual instant. */
  fact(atMs: number, text: string): void;
  print(text: string): void;
}

const seconds = (fromMs: number): string => `${((performance.now() - fromMs) / 1_000).toFixed(0).padStart(4)} s`;

/** `2001-02-17 06:00`, UTC. */
export const shortTime = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

export const createProgress = (out: Writable): Progress => {
  const startedAt = performance.now();
  const print = (text: string): void => void out.write(`${text}\n`);
  return {
    stage: (text) => print(`${seconds(startedAt)}  ${text}`),
    fact: (atMs, text) => print(`${seconds(startedAt)}  ${shortTime(atMs)}  ${text}`),
    print,
  };
};

const BARS = ' ▁▂▃▄▅▆▇█';

/** A row of bars, one a value, scaled to `full`; `·` where there is no value. */
export const sparkline = (values: readonly (number | undefined)[], full: number): string =>
  values
    .map((value) => (value === undefined ? '·' : BARS[Math.min(8, Math.max(1, Math.ceil((8 * value) / full)))]))
    .join('');

/** Columns as wide as their widest cell; numbers are given as text. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')}`).join('\n');
};
