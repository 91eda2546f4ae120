import { describe, expect, it } from 'vitest';
import {
  compareRuns,
  createExperiment,
  createRun,
  matchesRun,
  parseRunFilter,
  parseRunOrderBy,
  type Run,
  runValue,
} from '../../../../../shared/core/tracking/index.ts';

const experiment = createExperiment({ experimentId: '7', name: 'e', tags: [], createdAtMs: 0 });
const runOf = (runId: string, startTimeMs: number, more: Partial<Run> = {}): Run => ({
  ...createRun({ runId, experiment, userId: 'me', startTimeMs, runName: 'n', tags: [] }),
  ...more,
});
const metric = (value: number): Partial<Run> => ({ metrics: { m: { key: 'm', value, timestampMs: 0, step: 0 } } });
const dataset = (name: string, context: string) => ({
  name,
  digest: `${name}-digest`,
  sourceType: 't',
  source: 's',
  tags: { 'mlflow.data.context': context },
});

describe('the fields of a run', () => {
  const run = runOf('r', 5, { ...metric(1), datasetInputs: [dataset('a', 'train'), dataset('b', 'test')] });

  it.each([
    "metrics.m = 1 AND status = 'RUNNING' AND run_name = 'n' AND user_id = 'me'",
    "tags.mlflow.runName = 'n' AND start_time = 5 AND artifact_uri LIKE '%/r/%'",
    "dataset.name = 'b' AND dataset.digest IN ('a-digest') AND dataset.context != 'train'",
  ])('satisfy %s', (where) => {
    expect(matchesRun(run, parseRunFilter(where))).toBe(true);
  });

  it.each(['metrics.n = 1', "params.m != 'x'", 'end_time > 0', "dataset.name = 'c'"])('do not satisfy %s', (where) => {
    expect(matchesRun(run, parseRunFilter(where))).toBe(false);
  });

  it('are its own alone', () => {
    expect(runValue(run, { kind: 'tag', key: 'constructor' })).toBeUndefined();
    expect(runValue(run, { kind: 'attribute', key: 'toString' })).toBeUndefined();
  });
});

describe('the order of runs', () => {
  const runs = [
    runOf('a', 1, metric(1)),
    runOf('b', 2, metric(Number.NaN)),
    runOf('c', 3),
    runOf('d', 1, metric(1)),
    runOf('e', 0, metric(2)),
  ];
  const ordered = (...by: readonly string[]) =>
    runs
      .toSorted(compareRuns(parseRunOrderBy(by)))
      .map(({ info }) => info.runId)
      .join('');

  it('is newest first, of one time by id', () => {
    expect(ordered()).toBe('cbade');
  });

  it('has numbers, then NaN, then runs without, up or down', () => {
    expect(ordered('metrics.m ASC')).toBe('adebc');
    expect(ordered('metrics.m DESC')).toBe('eadbc');
  });
});
