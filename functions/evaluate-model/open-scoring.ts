import { readTrainingTable } from '../../shared/adapters/duckdb/training-table.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { scoreTable } from '../../shared/adapters/onnx/score-table.ts';
import { loadStoredModel } from '../../shared/adapters/s3/stored-model.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ReadTrainingTable } from '../../shared/ports/training-table.ts';
import type { LoadModel } from './find-champion.ts';
import type { Score } from './judge-candidate.ts';

/** What reads tables and models, and asks the one about the other. */
export interface Scoring {
  readonly readTable: ReadTrainingTable;
  readonly loadModel: LoadModel;
  readonly score: Score;
}

export const openScoring = (artifacts: Pick<ArtifactStore, 'get'>): Scoring => {
  const runtime = createModelRuntime();
  return {
    readTable: readTrainingTable,
    loadModel: (prefix) => loadStoredModel(artifacts, prefix),
    score: (model, table) => scoreTable(runtime, model, table),
  };
};
