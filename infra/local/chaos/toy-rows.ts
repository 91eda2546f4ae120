import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDb } from '../../../shared/adapters/duckdb/index.ts';
import { DAY_MS, utcDay } from '../../../shared/kernel/time.ts';

/** The made-up rows that the models of a chaos run learn from: the same bytes under every seed. */

/** First day with rows. */
export const ROWS_BEGIN_MS = Date.UTC(2001, 0, 1);
const ROWS_A_DAY = 80;
/** Days that are there when a run begins; one more becomes known while it goes on. */
export const FIRST_DAYS = 8;
const ROW_DAYS = FIRST_DAYS + 1;

/** Every row is known an hour after its event; 15 % of the labels are noise. */
const dayRowsSql = (day: number): string => `
SELECT ${day * ROWS_A_DAY} + i AS id, ${ROWS_BEGIN_MS + day * DAY_MS} + i * 60000 AS at_ms,
  (hash(i * 7919 + ${day}) % 1000) / 1000.0 AS x, ['a', 'b', 'c'][1 + (hash(i + ${day} * 131) % 3)::INTEGER] AS kind,
  CASE WHEN (hash(i * 104729 + ${day} * 17) % 100) < 85
    THEN (x + CASE WHEN kind = 'a' THEN 0.3 ELSE 0 END > 0.6) ELSE (hash(i + 5 * ${day}) % 2 = 0) END AS late,
  at_ms + 3600000 AS known_at_ms
FROM range(${ROWS_A_DAY}) AS t(i)`;

export interface ToyDay {
  /** UTC day on which the rows became known. */
  readonly day: string;
  readonly parquet: Uint8Array;
}

/** The rows of a run. */
export interface ToyRows {
  /** Day by day. */
  readonly days: readonly ToyDay[];
  /** Those that are there when a run begins, as one object: whatever waits for new data hears of it once. */
  readonly whole: ToyDay;
}

/** Made once in a process: DuckDB's start costs more than the rows. */
export const makeToyRows = async (): Promise<ToyRows> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-rows-'));
  const engine = await openDuckDb();
  try {
    const write = async (day: number, sql: string): Promise<ToyDay> => {
      const file = join(folder, `${day}.parquet`);
      await engine.execute(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
      return { day: utcDay(ROWS_BEGIN_MS + day * DAY_MS), parquet: await readFile(file) };
    };
    const all = Array.from({ length: ROW_DAYS }, (_, day) => dayRowsSql(day));
    const days: ToyDay[] = [];
    for (const [day, sql] of all.entries()) days.push(await write(day, sql));
    return { days, whole: await write(FIRST_DAYS - 1, all.slice(0, FIRST_DAYS).join(' UNION ALL ')) };
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
};
