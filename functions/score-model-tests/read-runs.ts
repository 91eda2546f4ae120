import * as v from 'valibot';
import { runPrefix } from '../../shared/contracts/artifacts.ts';
import { ReplayReportSchema, replayReportKey } from '../../shared/contracts/replay.ts';
import { STALENESS_FILE, StalenessSchema } from '../../shared/contracts/retraining-worth.ts';
import { REPRODUCTION_FILE } from '../../shared/contracts/training-workflow.ts';
import type { ModelRecords, Recorded } from '../../shared/core/ml-test-score/index.ts';
import type { Rollout, TrainingRun } from '../../shared/core/registry/index.ts';
import { type Bucket, mapRecord, readRecord } from './read-record.ts';

/** What workflows leave in the artifact bucket beside packages. */

const MOST_REPRODUCTIONS = 20;
const MOST_ESTIMATES = 10;

const ReproductionFile = v.object({
  outcome: v.picklist(['equal', 'different']),
  files: v.record(v.string(), v.object({ expected: v.string(), found: v.string(), equal: v.boolean() })),
  differences: v.array(v.string()),
});

/** Runs that make a version again are named after it. */
const REPRODUCED = /\/version-(\d+)-[^/]+\/([^/]+)$/;

/** Newest first. */
export const readReproductions = async (artifacts: Bucket, model: string): Promise<ModelRecords['reproductions']> => {
  const found = (await artifacts.store.list(`${runPrefix(model, 'version-').slice(0, -1)}`)).flatMap((object) => {
    const [, version, file] = REPRODUCED.exec(object.key) ?? [];
    return file === REPRODUCTION_FILE ? [{ ...object, version: Number(version) }] : [];
  });
  const newest = found.toSorted((a, b) => b.lastModifiedMs - a.lastModifiedMs).slice(0, MOST_REPRODUCTIONS);
  const records = await Promise.all(
    newest.map(async ({ key, lastModifiedMs: atMs, version }) => {
      const record = await readRecord(artifacts, { key, schema: ReproductionFile, atMs });
      return mapRecord(record, (content) => ({ ...content, version }));
    }),
  );
  return records.flatMap((record) => record ?? []);
};

/** The newest curve of quality by age, of the runs that an alarm caused. */
export const readStaleness = async (
  artifacts: Bucket,
  model: string,
  runs: readonly TrainingRun[],
): Promise<ModelRecords['staleness']> => {
  const estimated = runs.filter(({ cause }) => cause.kind === 'alarm').slice(0, MOST_ESTIMATES);
  for (const { runId, startedAtMs: atMs } of estimated) {
    const key = `${runPrefix(model, runId)}${STALENESS_FILE}`;
    const found = await readRecord(artifacts, { key, schema: StalenessSchema, atMs });
    if (found !== undefined) return mapRecord(found, ({ points, statement }) => ({ points, statement }));
  }
  return undefined;
};

/** What came of replaying captured inputs before a rollout's first request. */
export const readReplay = async (
  artifacts: Bucket,
  rollout: Rollout | undefined,
): Promise<ModelRecords['replay'] | undefined> => {
  if (rollout === undefined) return undefined;
  const key = replayReportKey(rollout.model, rollout.rolloutId);
  const found: Recorded<v.InferOutput<typeof ReplayReportSchema>> | undefined = await readRecord(artifacts, {
    key,
    schema: ReplayReportSchema,
    atMs: rollout.startedAtMs,
  });
  return mapRecord(found, ({ outcome, rowCount, challengerFailures, latency }) => ({
    outcome,
    rowCount,
    challengerFailures,
    ...(latency === undefined ? {} : { latency }),
  }));
};
