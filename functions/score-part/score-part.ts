import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countScored } from '../../shared/adapters/duckdb/count-scored.ts';
import { inScratchFolder } from '../../shared/adapters/duckdb/scratch-folder.ts';
import { layParquetPieces } from '../../shared/adapters/s3/parquet-pieces.ts';
import type { ScoringJob } from '../../shared/contracts/batch-scoring.ts';
import {
  countScoredSql,
  coverageFault,
  firstMissingSql,
  readPartSql,
  type ScoringPart,
  writeScoredSql,
} from '../../shared/core/batch-scoring/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { ModelRuntime } from '../../shared/ports/model-runtime.ts';
import type { ObjectRanges } from '../../shared/ports/object-ranges.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';
import type { OpenedModel } from './open-model.ts';
import { writePredictions } from './write-predictions.ts';

export interface ScoringSources {
  /** Pieces of the data bucket's objects. */
  readonly ranges: ObjectRanges;
  readonly runtime: ModelRuntime;
  readonly openEngine: (spillFolder: string) => Promise<TableEngine>;
}

/** What is missing in a row that the model reads: it has never seen that. @throws InvalidRequestError naming the row. */
const refuseMissing = async (engine: TableEngine, inputs: OpenedModel['inputs'], key: string): Promise<void> => {
  const [first] = await engine.query(firstMissingSql(inputs));
  for (const [i, { name, nullable }] of inputs.entries()) {
    const row = first?.[`input_${i}`];
    if (nullable || typeof row !== 'number') continue;
    throw new InvalidRequestError(`${key} has no ${name} in row ${row}, and the model takes no missing ${name}`);
  }
};

/**
 * The rows of a part with their predictions, as Parquet; the same bytes whenever it is made.
 * @throws InvalidRequestError for rows that the model does not take.
 * @throws ConflictError when the input changed since the job was planned.
 */
export const scorePart = (
  { ranges, openEngine }: ScoringSources,
  { job, part, opened }: { readonly job: ScoringJob; readonly part: ScoringPart; readonly opened: OpenedModel },
): Promise<Uint8Array> =>
  inScratchFolder(async (folder) => {
    const input = join(folder, 'input.parquet');
    const predictions = join(folder, 'predictions.csv');
    const output = join(folder, 'output.parquet');
    await layParquetPieces(ranges, input, part);
    const engine = await openEngine(folder);
    try {
      await engine.execute(readPartSql(input, opened.inputs, part));
      await refuseMissing(engine, opened.inputs, part.key);
      await writePredictions(engine, opened, { part, file: predictions });
      await engine.execute(writeScoredSql({ predictions, output }, part, job));
      const fault = coverageFault(part, job.modelDigest, await countScored(engine, countScoredSql(output)));
      assert(fault === undefined, fault ?? '');
      return await readFile(output);
    } finally {
      await engine.close();
    }
  });
