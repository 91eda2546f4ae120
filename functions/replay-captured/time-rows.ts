import { type CapturedInputs, medianOf, type ReplayedVersion } from '../../shared/core/deployment/index.ts';
import { toBatch } from '../../shared/core/inference/index.ts';

/** Rows timed one by one, after others that only warm up. */
const TIMED_ROWS = 200;
const WARM_ROWS = 20;

export interface Stopwatch {
  elapsedMs(): number;
}

/** Median time of a row, asked one by one and in turn, so that whatever slows the machine slows both. */
export const timeRows = async (
  stopwatch: Stopwatch,
  { challenger, champion }: { readonly challenger: ReplayedVersion; readonly champion: ReplayedVersion },
  rows: readonly CapturedInputs[],
): Promise<{ readonly challengerMs: number; readonly championMs: number } | undefined> => {
  const timed = rows.slice(0, TIMED_ROWS);
  if (timed.length === 0) return undefined;
  const timeOne = async ({ signature, predict }: ReplayedVersion, row: CapturedInputs): Promise<number> => {
    const { columns } = toBatch(signature, [row]);
    const startedMs = stopwatch.elapsedMs();
    await predict(columns, 1);
    return stopwatch.elapsedMs() - startedMs;
  };
  for (const row of timed.slice(0, WARM_ROWS)) {
    await timeOne(challenger, row);
    await timeOne(champion, row);
  }
  const times: [number, number][] = [];
  for (const row of timed) times.push([await timeOne(challenger, row), await timeOne(champion, row)]);
  return {
    challengerMs: medianOf(times.map(([ours]) => ours)),
    championMs: medianOf(times.map(([, theirs]) => theirs)),
  };
};
