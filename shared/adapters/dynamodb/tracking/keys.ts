import { createHash } from 'node:crypto';
import { assert } from '../../../kernel/assert.ts';
import type { Key } from '../keys.ts';
import { numberOfSortable, padded, sortableNumber, sortableTime } from './sort-key.ts';

/**
 * The only builder of keys of the tracking table's experiments and runs (`pk`, `sk`: texts; no index of DynamoDB's, so
 * every read may be consistent). All partitions begin with `W/<workspace>/`, which IAM's `dynamodb:LeadingKeys` matches.
 * E = W/<workspace>/e/<experiment>, R = W/<workspace>/run/<run>.
 *
 * | Access pattern                      | Key condition                                       | Function                |
 * |-------------------------------------|-----------------------------------------------------|-------------------------|
 * | an experiment                       | pk = W/<ws>/experiments, sk = ID                    | getExperiment           |
 * | all experiments                     | pk = W/<ws>/experiments                             | listExperiments         |
 * | the experiment of a name            | pk = W/<ws>/experiment-name/DIGEST, sk = name       | findExperiment          |
 * | whether an experiment takes no runs | pk = E/gate/N, sk = closed                          | createRun               |
 * | a run                               | pk = R, sk = run                                    | getRun, changeRun       |
 * | latest metrics of a hot run         | pk = R/metrics, sk = metrics                        | getRun, changeRun       |
 * | a dataset's schema and profile      | pk = R, sk = dataset/DIGEST                         | getRun                  |
 * | history of a run's metrics          | pk = R/history, sk >= TIMESTAMP/STEP                | metricHistory           |
 * | runs by start time, with RunInfo    | pk = E/t, sk = INVERTED START, RUN                  | headers, walk           |
 * | runs by a metric                    | pk = E/m/KEY, sk between VALUE, INVERTED START, RUN | walk                    |
 * | runs by a param or a tag            | pk = E/p/KEY or E/g/KEY, likewise                   | walk                    |
 * | runs whose metrics are written often| pk = E/hot, sk = SINCE, RUN                         | hotRuns                 |
 *
 * Index entries are `pk` and `sk` alone (no entityType: 10,000 entries are read in a search, 90 bytes each, so about
 * 110 read units); all other items say what they are.
 *
 * Costs, in calls and write units of 1 KB (a transaction counts twice), measured:
 * a created run 1 call (2 when the process has not seen the experiment), 6 units (run, header, gate) and 2 for each param
 * and indexed tag; a log-metric 1 call (2 when the process has not seen the run) and 8 units (chunk, document, entry put,
 * entry deleted), of a hot run 4; a log-batch of 1,000 points of one key 1 call and 20 units, of 1,000 keys 1 call and 30;
 * the end of a hot run 10 units besides one for each metric and two for each whose value changed, in batches of 25 and 80.
 * A run reads 1 unit, 2 while it is hot; a walk of 100 entries 2. Deleting or restoring an experiment writes 66 units.
 *
 * Beyond 10,000 runs: a walk of a page costs what the page costs, whatever the number of runs; each run, each history and
 * each index has partition keys of its own, of which DynamoDB takes 1,000 write units a second. The first to get there
 * is E/t: 500 runs created a second in one experiment. Nothing but a search that no index serves reads all headers.
 */
export interface TrackingKeys {
  readonly experiments: string;
  experiment(experimentId: string): Key;
  experimentName(name: string): Key;
  /** An item stands there while the experiment is deleted. */
  gate(experimentId: string, gate: number): Key;
  run(runId: string): Key;
  metrics(runId: string): Key;
  dataset(runId: string, digest: string): Key;
  historyPartition(runId: string): string;
  /** Chunks are ordered by their first points' timestamp and step. */
  chunk(runId: string, first: { readonly timestampMs: number; readonly step: number }, digest: string): Key;
  indexPartition(experimentId: string, kind: IndexKind, key: string): string;
  hotPartition(experimentId: string): string;
  hot(experimentId: string, sinceMs: number, runId: string): Key;
  /** Of a header: the index by time. */
  header(experimentId: string, startTimeMs: number, runId: string): Key;
  /** Of a value in S3, by the digest of its content. */
  spill(digest: string): string;
}

/** `t`ime, `m`etric, `p`aram, ta`g`. */
type IndexKind = 't' | 'm' | 'p' | 'g';

const WORKSPACE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** An id never reaches into another partition, whatever a caller sends as one. */
const segment = (id: string): string => encodeURIComponent(id.toWellFormed());

export const trackingKeys = (workspace: string): TrackingKeys => {
  assert(WORKSPACE.test(workspace), `workspace ${workspace} must match ${WORKSPACE}`);
  const root = `W/${workspace}/`;
  const runPartition = (runId: string): string => `${root}run/${segment(runId)}`;
  const experimentPartition = (experimentId: string): string => `${root}e/${segment(experimentId)}`;
  const experiments = `${root}experiments`;
  const indexPartition = (experimentId: string, kind: IndexKind, key: string): string =>
    kind === 't' ? `${experimentPartition(experimentId)}/t` : `${experimentPartition(experimentId)}/${kind}/${key}`;
  const hotPartition = (experimentId: string): string => `${experimentPartition(experimentId)}/hot`;
  return {
    experiments,
    experiment: (experimentId) => ({ pk: experiments, sk: segment(experimentId) }),
    // A digest: 500 characters of four bytes are near the limit of a partition key.
    experimentName: (name) => ({
      pk: `${root}experiment-name/${createHash('sha256').update(name).digest('hex')}`,
      sk: 'name',
    }),
    gate: (experimentId, gate) => ({ pk: `${experimentPartition(experimentId)}/gate/${gate}`, sk: 'closed' }),
    run: (runId) => ({ pk: runPartition(runId), sk: 'run' }),
    metrics: (runId) => ({ pk: `${runPartition(runId)}/metrics`, sk: 'metrics' }),
    dataset: (runId, digest) => ({ pk: runPartition(runId), sk: `dataset/${digest}` }),
    historyPartition: (runId) => `${runPartition(runId)}/history`,
    chunk: (runId, first, digest) => ({
      pk: `${runPartition(runId)}/history`,
      sk: `${historyPosition(first.timestampMs, first.step)}/${digest}`,
    }),
    indexPartition,
    hotPartition,
    hot: (experimentId, sinceMs, runId) => ({ pk: hotPartition(experimentId), sk: `${padded(sinceMs)}/${runId}` }),
    header: (experimentId, startTimeMs, runId) => ({
      pk: indexPartition(experimentId, 't', ''),
      sk: `${sortableTime(startTimeMs)}${runId}`,
    }),
    spill: (digest) => `tracking/${workspace}/values/${digest}`,
  };
};

/** Where chunks begin in a history whose first point has this timestamp and step. */
export const historyPosition = (timestampMs: number, step: number): string =>
  `${padded(timestampMs)}/${sortableNumber(step)}`;

/** What the sort key of a chunk says of its first point. */
export const firstOfChunkKey = (sk: string): { readonly timestampMs: number; readonly step: number } => {
  const [timestampMs = '', step = ''] = sk.split('/');
  return { timestampMs: Number.parseInt(timestampMs, 10), step: numberOfSortable(step) };
};

/** The run in the sort key of a hot item. */
export const runOfHotKey = (sk: string): string => sk.slice(sk.indexOf('/') + 1);
