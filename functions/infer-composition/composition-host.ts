import {
  type Composition,
  type CompositionAnswer,
  type CompositionPorts,
  evaluateComposition,
  type Row,
} from '../../shared/core/composition/index.ts';
import type {
  FeatureValue,
  InferenceHost,
  ModelSignature,
  ServableModel,
  Tensor,
} from '../../shared/core/inference/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';

const SHOWN_CHARACTERS = 20;

/** What a composition takes and gives, as a model's signature. */
const signatureOf = ({ inputs, output }: Composition): ModelSignature => ({
  task: 'regression',
  inputs: inputs.map(({ name, type, nullable }) => ({
    name,
    datatype: type === 'number' ? 'FP32' : 'BYTES',
    shape: [-1, 1],
    nullable,
  })),
  outputs: [{ name: output, datatype: 'FP32', shape: [-1, 1] }],
});

/** A missing number is NaN in a tensor, a missing category empty text. */
const cellOf = (value: unknown): FeatureValue => {
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  return typeof value === 'string' && value !== '' ? value : null;
};

const rowsOf = (tensors: readonly Tensor[]): readonly Row[] =>
  Array.from({ length: tensors[0]?.data.length ?? 0 }, (_, row) =>
    Object.fromEntries(tensors.map(({ name, data }) => [name, cellOf(data[row])])),
  );

export interface CompositionHostDeps {
  readonly composition: Composition;
  /** Identifies the definition that answers. */
  readonly version: string;
  readonly ports: CompositionPorts;
  readonly predictionId: InferenceHost['predictionId'];
  /** Hears what each node did. */
  readonly answered: (answer: CompositionAnswer) => void;
}

/** A host of one composition, asked as a model is. What its members answer is captured by the members. */
export const createCompositionHost = (deps: CompositionHostDeps): InferenceHost => {
  const { composition, version, ports, predictionId, answered } = deps;
  const { name, output } = composition;
  const signature = signatureOf(composition);
  const model: ServableModel = {
    name,
    version,
    inputs: signature.inputs,
    outputs: signature.outputs,
    signature,
    run: async (inputs) => {
      const answer = await evaluateComposition(composition, rowsOf(inputs), ports);
      answered(answer);
      const data = Float32Array.from(answer.outputs);
      return [{ name: output, datatype: 'FP32', shape: [data.length, 1], data }];
    },
  };
  return {
    find: (asked, askedVersion = version) => {
      if (asked === name && askedVersion === version) return model;
      const shown = askedVersion.slice(0, SHOWN_CHARACTERS);
      throw new NotFoundError(`version ${shown} of ${name} is not in service; version ${version} is`);
    },
    capture: () => undefined,
    predictionId,
    elapsedMs: ports.elapsedMs,
  };
};
