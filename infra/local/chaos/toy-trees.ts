import { MODEL_FILE, SIGNATURE_FILE } from '../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../shared/contracts/json-file.ts';
import { type GradientBoostedTrees, signatureOf, writeOnnx } from '../../../shared/core/training/index.ts';

/** Models that are written down instead of trained, so that a run can say how a version will behave. */

/** One split at x: a log-odds on either side. The smoke test's neutral row lies on 0, every real row beyond. */
const stump = (upTo: number, beyond: number, split = 0): GradientBoostedTrees => ({
  task: 'binary-classification',
  features: [
    { name: 'x', type: 'number', nullable: false },
    { name: 'kind', type: 'category', nullable: false },
  ],
  encoders: [{ featureIndex: 1, prior: 0.5, valueByCategory: new Map([['a', 0.5]]) }],
  baseScore: 0,
  trees: [
    {
      featureIndex: Int16Array.of(0, -1, -1),
      threshold: Float32Array.of(split, 0, 0),
      missingGoesLeft: Uint8Array.of(1, 0, 0),
      left: Int16Array.of(1, 0, 0),
      right: Int16Array.of(2, 0, 0),
      leafValue: Float32Array.of(0, upTo, beyond),
      rowCount: Int32Array.of(2, 1, 1),
    },
  ],
  bestRound: 1,
  trainingLosses: [],
  validationLosses: [],
});

const filesOf = (trees: GradientBoostedTrees): ReadonlyMap<string, Uint8Array> =>
  new Map([
    [MODEL_FILE, writeOnnx(trees)],
    [SIGNATURE_FILE, toJsonFile(signatureOf(trees))],
  ]);

/** A model that answers every real row with this log-odds. */
export const answering = (logOdds: number): ReadonlyMap<string, Uint8Array> => filesOf(stump(0, logOdds));

/** A model that answers rows up to this x by one log-odds, and those beyond by another. */
export const answeringBySize = (x: number, upTo: number, beyond: number): ReadonlyMap<string, Uint8Array> =>
  filesOf(stump(upTo, beyond, x));

/** A model that passes its smoke test and answers no real row: only a canary finds it out. */
export const failingOnRealRows = (): ReadonlyMap<string, Uint8Array> => filesOf(stump(0, Number.NaN));

/** A model that would answer every real row, and fails its smoke test: no request may find that out. */
export const failingOnZeros = (): ReadonlyMap<string, Uint8Array> => filesOf(stump(Number.NaN, 1));

/** A model that answers rows up to this x: what callers begin to ask while its canary runs, nobody could replay. */
export const failingBeyond = (x: number, logOdds: number): ReadonlyMap<string, Uint8Array> =>
  filesOf(stump(logOdds, Number.NaN, x));
