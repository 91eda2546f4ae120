import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Acknowledged,
  createStormTables,
  type Found,
  readAll,
  type StormHost,
  startStormHost,
  storm,
  tracesOf,
} from '../helpers/write-storm.ts';

/**
 * Tables and buckets, killed in the middle of writes. Say `KILLS=100` for many; what is on the disk grows and is read
 * whole after each, so that nothing which one kill left can be undone by the next.
 */
const KILLS = Number(process.env.KILLS ?? 3);
const WRITERS = 16;
const LONGEST_LIFE_MS = 200;

let folder: string;
let host: StormHost | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-storm-'));
});

afterAll(async () => {
  await host?.kill();
  rmSync(folder, { recursive: true, force: true });
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const missingOf = (writes: readonly Acknowledged[], { items, objects }: Found): readonly string[] =>
  writes.flatMap(tracesOf).filter((name) => !items.has(name) && !objects.has(name));

/** Names of pairs of which only one item is there. */
const halves = ({ items }: Found): readonly string[] =>
  [...items].filter((name) => {
    const [number, side] = name.split('-');
    return side !== undefined && !items.has(`${number}-${side === 'left' ? 'right' : 'left'}`);
  });

describe('tables and buckets that are killed', () => {
  it(`lose no acknowledged write and keep none by halves, ${KILLS} times`, {
    timeout: 60_000 + KILLS * 10_000,
  }, async () => {
    const acknowledged: Acknowledged[] = [];
    let begunCounts = 0;
    let number = 0;
    let known: ReadonlySet<string> = new Set();
    host = await startStormHost(folder);
    await createStormTables(host);

    for (let kill = 1; kill <= KILLS; kill += 1) {
      const writing = storm(host, number, WRITERS);
      // The moment is random on purpose: every run of this test looks at others.
      await writing.raging;
      await sleep(Math.random() * LONGEST_LIFE_MS);
      await host.kill();
      const outcome = await writing.over;
      acknowledged.push(...outcome.acknowledged);
      begunCounts += outcome.begun.filter(({ kind }) => kind === 'count').length;
      number = outcome.nextNumber;

      host = await startStormHost(folder);
      // The last look compares every byte again.
      const found = await readAll(host, kill === KILLS ? new Set() : known);
      known = found.objects;
      const counted = acknowledged.filter(({ kind }) => kind === 'count').length;

      expect({
        kill,
        missing: missingOf(acknowledged, found),
        halves: halves(found),
        damaged: found.damaged,
      }).toEqual({
        kill,
        missing: [],
        halves: [],
        damaged: [],
      });
      expect(found.indexed).toEqual(found.items);
      expect(found.count).toBeGreaterThanOrEqual(counted);
      expect(found.count).toBeLessThanOrEqual(begunCounts);
    }
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    if (KILLS > 10) console.log(`${KILLS} kills, ${acknowledged.length} acknowledged writes, all there`);
  });
});
