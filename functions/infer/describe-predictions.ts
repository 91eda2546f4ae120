import type { PredictionRecord } from '../../shared/contracts/capture.ts';
import {
  type ModelSignature,
  type Prediction,
  shortestFloat32,
  type TensorData,
} from '../../shared/core/inference/index.ts';
import type { LoadedModel } from '../../shared/ports/model-runtime.ts';
import type { ServedModel } from './load-served-model.ts';

export interface PredictionSource {
  readonly model: string;
  readonly served: Pick<ServedModel, 'version' | 'modelDigest'> & {
    readonly signature: ModelSignature;
    readonly runtime: Pick<LoadedModel, 'engine'>;
  };
  /** The published version of this function that answers. */
  readonly lambdaVersion: string;
}

/** A feature as the model took it, with the fewest digits that name it; null is a missing value. */
const featureValue = (nullable: boolean, value: TensorData[number] | undefined): number | string | null => {
  if (typeof value === 'number') return Number.isFinite(value) ? shortestFloat32(value) : null;
  if (typeof value !== 'string') return null;
  return value === '' && nullable ? null : value;
};

const requestOf = ({
  requestId: id,
  rowCount,
  principal,
  apiKeyId,
}: Pick<Prediction, 'requestId' | 'rowCount' | 'principal' | 'apiKeyId'>): NonNullable<
  PredictionRecord['request']
> => ({
  id,
  rowCount,
  ...(principal === undefined ? {} : { principal }),
  ...(apiKeyId === undefined ? {} : { apiKeyId }),
});

/** Describes predictions as the capture's lines, one for each row. */
export type DescribePredictions = (prediction: Prediction, atMs: number) => readonly PredictionRecord[];

export const createDescribePredictions = ({ model, served, lambdaVersion }: PredictionSource): DescribePredictions => {
  const { version, modelDigest, signature, runtime } = served;
  const { engine } = runtime;
  const nullable = new Set(signature.inputs.filter((input) => input.nullable).map(({ name }) => name));
  return ({ predictionIds, inputs, outputs, latencyMs, completed, ...prediction }, atMs) => {
    const roundedMs = Math.round(latencyMs * 1_000) / 1_000;
    const request = requestOf(prediction);
    const answered = outputs[0]?.data ?? [];
    return predictionIds.map((predictionId, row) => {
      const features: Record<string, number | string | null> = {};
      for (const { name, data } of inputs) features[name] = featureValue(nullable.has(name), data[row]);
      const online = completed?.[row]?.online as PredictionRecord['sources'];
      return {
        kind: 'prediction',
        predictionId,
        atMs,
        model,
        version,
        modelDigest,
        lambdaVersion,
        inputs: features,
        ...(online === undefined ? {} : { sources: online }),
        output: Number(answered[row]),
        latencyMs: roundedMs,
        engine,
        request,
      };
    });
  };
};
