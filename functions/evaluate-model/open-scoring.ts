import { readTrainingTable } from '../../shared/adapters/duckdb/training-table.ts';
import { createAnyRuntime } from '../../shared/adapters/interpreter/any-runtime.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { scoreTable } from '../../shared/adapters/onnx/score-table.ts';
import { readStoredCovers } from '../../shared/adapters/s3/stored-covers.ts';
import { loadStoredModel } from '../../shared/adapters/s3/stored-model.ts';
import { interpretModel } from '../../shared/core/interpreter/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { LoadedModel } from '../../shared/ports/model-runtime.ts';
import type { ReadTrainingTable } from '../../shared/ports/training-table.ts';
import type { LoadModel } from './find-champion.ts';
import type { Score } from './judge-candidate.ts';

/** What reads tables and models, and asks the one about the other. */
export interface Scoring {
  readonly readTable: ReadTrainingTable;
  readonly loadModel: LoadModel;
  /** Training rows by node, of a model whose trainer counted them. */
  readonly readCovers: (prefix: string) => Promise<readonly number[] | undefined>;
  /** Opens a graph to be asked again and again. */
  readonly load: (bytes: Uint8Array) => Promise<LoadedModel>;
  readonly score: Score;
}

export const openScoring = (artifacts: Pick<ArtifactStore, 'get'>): Scoring => {
  const runtime = createModelRuntime();
  return {
    readTable: readTrainingTable,
    loadModel: (prefix) => loadStoredModel(artifacts, prefix),
    readCovers: (prefix) => readStoredCovers(artifacts, prefix),
    load: createAnyRuntime({ interpret: interpretModel, openOther: async () => runtime }).load,
    score: (model, table) => scoreTable(runtime, model, table),
  };
};
