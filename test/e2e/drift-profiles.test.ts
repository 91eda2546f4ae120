import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { capturePrefix } from '../../shared/contracts/artifacts.ts';
import type { DriftReport } from '../../shared/contracts/drift-report.ts';
import { PROFILE_DELTAS_PREFIX } from '../../shared/contracts/monitoring-keys.ts';
import { driftCheckName } from '../../shared/contracts/names.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../shared/kernel/time.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { BENCH_START_MS, benchDefinition } from '../helpers/training-bench.ts';

/**
 * Profiles in service on the embedded cloud, told once: a version is trained with its drift reference, traffic is folded
 * by the daily checks, and then the morning after brings what Firehose may bring: a line that came before, one that comes
 * late, and two checks of the same day at once.
 */

const ROWS = 120;
const day = (count: number): number => BENCH_START_MS + count * DAY_MS;
const SERVED = 16;

let test: TestCloud;
let states: SFNClient;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-profiles-'));

const sendDay = async (count: number, shift: number): Promise<void> => {
  await test.cloud.clock.advanceTo(day(count) + 12 * HOUR_MS);
  const instances = Array.from({ length: ROWS }, (_, i) => {
    const even = ((i * 37) % ROWS) / ROWS;
    const x = shift + (1 - shift) * even;
    return { predictionId: `day-${count}-${i}`, features: { x, kind: ['a', 'b', 'c'][i % 3] } };
  });
  expect((await test.platform.predict('toy', { instances })).status).toBe(200);
};

const reportOf = async (count: number): Promise<DriftReport> => {
  const report = await test.observer.driftReport('toy', utcDay(day(count)));
  if (report === undefined) throw new Error(`no report of day ${count}`);
  return report;
};

/** Runs the check of a morning again, so often at once. */
const checkAgain = async (count: number, times: number): Promise<void> => {
  const stateMachineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:${driftCheckName('local')}`;
  const input = JSON.stringify({ model: 'toy', scheduledAt: isoTime(day(count) + 6 * HOUR_MS) });
  const started = await Promise.all(
    Array.from({ length: times }, () => states.send(new StartExecutionCommand({ stateMachineArn, input }))),
  );
  for (const { executionArn } of started) {
    await test.until('the check ends', async () => {
      const { status } = await states.send(new DescribeExecutionCommand({ executionArn }));
      if (status === 'FAILED') throw new Error(`the check of day ${count} failed`);
      return status === 'SUCCEEDED';
    });
  }
};

const profileObjects = async (): Promise<readonly string[]> => {
  const { data } = test.observer;
  const lists = await Promise.all(['profiles/', PROFILE_DELTAS_PREFIX].map((prefix) => data.list(prefix)));
  return lists.flat().map(({ key, etag }) => `${key} ${etag}`);
};

const tellStory = async () => {
  const { clock } = test.cloud;
  const { data } = test.observer;
  await test.loadToyDays(0, 30);
  await test.platform.requestTraining('toy', 'first');
  await test.until('version 1 serves', async () =>
    (await test.platform.rollouts('toy')).some(({ status }) => status === 'PROMOTED'),
  );
  await sendDay(SERVED, 0);
  await clock.advanceTo(day(SERVED + 1) + 7 * HOUR_MS);
  const calm = await reportOf(SERVED);
  const before = await profileObjects();
  await checkAgain(SERVED + 1, 2);
  const [again, after] = [await reportOf(SERVED), await profileObjects()];

  const [captured] = await data.list(capturePrefix('toy'));
  const lines = unpackedLines(await data.get(captured?.key ?? ''));
  const late = JSON.stringify({ ...JSON.parse(lines[0] ?? ''), predictionId: 'late' });
  const body = gzipSync(`${[lines[1], late, lines[1], late].join('\n')}\n`);
  await data.put(`${capturePrefix('toy')}${utcDay(day(SERVED + 1)).replaceAll('-', '/')}/06/late`, body);
  await checkAgain(SERVED + 1, 1);
  const completed = await reportOf(SERVED);

  await sendDay(SERVED + 1, 0.9);
  await clock.advanceTo(day(SERVED + 2) + 7 * HOUR_MS);
  return { calm, before, again, after, completed, moved: await reportOf(SERVED + 1) };
};
let story: Awaited<ReturnType<typeof tellStory>>;

beforeAll(async () => {
  const definition = benchDefinition({
    deployment: { canarySteps: [1], bakeMinutes: 60 },
    monitors: {
      windowDays: 1,
      minRows: 50,
      drift: { slices: [{ name: 'kind-a', where: { feature: 'kind', equals: 'a' } }] },
    },
    retraining: { onDrift: false },
  });
  test = await startTestCloud({
    assemblyFolder: await assemble([definition]),
    stateFolder,
    simulation: IN_ONE_PROCESS,
  });
  states = new SFNClient(test.clientConfig);
  story = await tellStory();
}, 120_000);

afterAll(async () => {
  states.destroy();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

describe('profiles in service', () => {
  it('a version is trained with the limit that its own days give, and traffic as trained is within it', () => {
    expect(story.calm).toMatchObject({
      schemaVersion: 2,
      status: 'within-limit',
      rowCount: ROWS,
      decision: { mode: 'calibrated' },
    });
    expect(story.calm.decision.statement).toMatch(/^at most 1 false episodes a year/);
    expect(story.calm.profiles?.slices).toMatchObject([{ name: 'kind-a', rowCount: ROWS / 3 }]);
  });

  it('two checks of the same day at once change nothing', () => {
    expect(story.again).toEqual(story.calm);
    expect(story.after).toEqual(story.before);
  });

  it('a prediction that comes late is counted, and one that comes again is not', () => {
    expect(story.completed.rowCount).toBe(ROWS + 1);
    expect(story.completed.duplicateCount).toBe(3);
  });

  it('inputs that moved are above the limit, and the column that did is named', () => {
    expect(story.moved).toMatchObject({ status: 'above-limit', decision: { episode: { opened: true } } });
    expect(story.moved.decision.columns.map(({ name }) => name)).toContain('x');
    expect(story.moved.metrics.driftEvidence).toBeGreaterThanOrEqual(1);
  });
});
