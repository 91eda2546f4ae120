import type { ServableModel } from './inference-host.ts';
import type { FeatureValue, ModelInput } from './signature.ts';
import type { Datatype, TensorSpec } from './tensor.ts';
import { elementCount } from './tensor-shape.ts';

/** Requests to a model that it answers, made from its inputs alone: one row, neutral values. */

/** Larger tensors are not shown. */
const MOST_ELEMENTS = 1_024;

const featureExample = ({ datatype }: ModelInput): FeatureValue => (datatype === 'FP32' ? 0.5 : 'a');

/** Zero where a number may be an index. */
const elementExample = (datatype: Datatype): number | string | boolean => {
  if (datatype === 'BYTES') return 'a';
  if (datatype === 'BOOL') return false;
  return datatype.startsWith('FP') ? 0.5 : 0;
};

const shapeExample = ({ shape }: TensorSpec): readonly number[] => shape.map((length) => (length === -1 ? 1 : length));

const isShown = (spec: TensorSpec): boolean => elementCount(shapeExample(spec)) <= MOST_ELEMENTS;

export const inferExample = ({ inputs }: ServableModel): object | undefined =>
  inputs.every(isShown)
    ? {
        id: 'example',
        inputs: inputs.map((spec) => {
          const shape = shapeExample(spec);
          const data = Array.from({ length: elementCount(shape) }, () => elementExample(spec.datatype));
          return { name: spec.name, shape, datatype: spec.datatype, data };
        }),
      }
    : undefined;

const featuresExample = ({ signature }: ServableModel): Readonly<Record<string, FeatureValue>> =>
  Object.fromEntries((signature?.inputs ?? []).map((input) => [input.name, featureExample(input)]));

export const predictExamples = (model: ServableModel): Readonly<Record<string, unknown>> => {
  const features = featuresExample(model);
  return {
    row: { features, predictionId: 'example' },
    rows: { instances: [{ features }, { features, predictionId: 'example-2' }] },
  };
};

const nestedExample = (datatype: Datatype, [length, ...rest]: readonly number[]): unknown =>
  length === undefined ? elementExample(datatype) : Array.from({ length }, () => nestedExample(datatype, rest));

export const invocationExamples = (model: ServableModel): Readonly<Record<string, unknown>> => {
  const { inputs, signature } = model;
  if (signature !== undefined) {
    const features = featuresExample(model);
    const columns = Object.keys(features);
    return {
      dataframe_split: { dataframe_split: { columns, data: [columns.map((name) => features[name])] } },
      dataframe_records: { dataframe_records: [features] },
      instances: { instances: [features] },
      inputs: { inputs: Object.fromEntries(columns.map((name) => [name, [features[name]]])) },
    };
  }
  if (!inputs.every(isShown)) return {};
  const tensors = inputs.map((spec) => [spec.name, nestedExample(spec.datatype, shapeExample(spec))] as const);
  return { inputs: { inputs: Object.fromEntries(tensors) } };
};
