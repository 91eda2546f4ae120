import type { Key } from '../keys.ts';

/**
 * The only builder of keys of the tracking table's logged models.
 *
 * | Access pattern                    | Key condition                                   | Function             |
 * |-----------------------------------|-------------------------------------------------|----------------------|
 * | the experiment of a logged model  | pk = W/<ws>/logged-model/ID, sk = home          | get, change          |
 * | a logged model                    | pk = W/<ws>/logged-models/EXPERIMENT, sk = ID   | get, change          |
 * | logged models of an experiment    | pk = W/<ws>/logged-models/EXPERIMENT            | list                 |
 * | logged models of a run            | pk = W/<ws>/logged-models-of-run/RUN, sk = ID   | listOfRun            |
 *
 * An experiment's documents stand together because a search reads them all: consistently, by one query of about 1 kB a
 * model (10,000 models are ten pages and 1,250 read units). A write costs one write unit for each kB of the document.
 */
export interface LoggedModelKeys {
  home(modelId: string): Key;
  model(experimentId: string, modelId: string): Key;
  partition(experimentId: string): string;
  ofRun(runId: string, modelId: string): Key;
  runPartition(runId: string): string;
}

/** An id never reaches into another partition, whatever a caller sends as one. */
const segment = (id: string): string => encodeURIComponent(id.toWellFormed());

export const loggedModelKeys = (workspace: string): LoggedModelKeys => {
  const root = `W/${segment(workspace)}/`;
  const partition = (experimentId: string): string => `${root}logged-models/${segment(experimentId)}`;
  const runPartition = (runId: string): string => `${root}logged-models-of-run/${segment(runId)}`;
  return {
    home: (modelId) => ({ pk: `${root}logged-model/${segment(modelId)}`, sk: 'home' }),
    model: (experimentId, modelId) => ({ pk: partition(experimentId), sk: segment(modelId) }),
    partition,
    ofRun: (runId, modelId) => ({ pk: runPartition(runId), sk: segment(modelId) }),
    runPartition,
  };
};
