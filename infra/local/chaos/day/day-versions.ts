import { REFERENCE_PROFILE_FILE } from '../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { makeProfile } from '../../../../shared/core/monitoring/index.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import { answering, failingBeyond } from '../toy-trees.ts';

/** The versions that a person brings in the course of a day. */

/** Callers ask about x up to here, but while a harmful canary runs. */
export const USUAL_X = 0.9;
const PROFILE_ROWS = 200;
const KINDS = ['a', 'b', 'c'];

/** What the drift check compares with: rows as callers send them, and this answer to all of them. */
const profileOf = (logOdds: number, throughMs: number): Uint8Array => {
  const rows = Array.from({ length: PROFILE_ROWS }, (_, i) => i);
  const features = [
    { name: 'x', type: 'number', min: 0, max: 1, monitor: 'report' },
    { name: 'kind', type: 'category', monitor: 'report' },
  ] as const;
  const columns = new Map<string, Float64Array | readonly string[]>([
    ['x', Float64Array.from(rows, (i) => (USUAL_X * (i + 1)) / PROFILE_ROWS)],
    ['kind', rows.map((i) => KINDS[i % KINDS.length] ?? 'a')],
  ]);
  return toJsonFile(
    makeProfile({
      task: 'binary-classification',
      features,
      columns,
      eventAtMs: rows.map((i) => throughMs - (1 + (i % 7)) * DAY_MS),
      labels: rows.map((i) => i % 2),
      predictions: rows.map(() => 1 / (1 + Math.exp(-logOdds))),
      windowDays: 1,
    }),
  );
};

/**
 * @param logOdds of its answers: no two versions have the same, so that an answer tells whose it is.
 * @param harmful whether it fails beyond what callers usually ask.
 */
export const versionFiles = (
  logOdds: number,
  { nowMs, harmful }: { readonly nowMs: number; readonly harmful: boolean },
): ReadonlyMap<string, Uint8Array> =>
  new Map([
    ...(harmful ? failingBeyond(USUAL_X, logOdds) : answering(logOdds)),
    [REFERENCE_PROFILE_FILE, profileOf(logOdds, nowMs)],
  ]);
