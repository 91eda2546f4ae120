import { assert } from '../../kernel/assert.ts';
import type { ServableModel } from './inference-host.ts';
import type { ModelInput, ModelSignature } from './signature.ts';
import type { TensorSpec } from './tensor.ts';

export interface InputPlan {
  readonly spec: TensorSpec;
  /** How messages name it. */
  readonly where: string;
  /** Of a model whose inputs are features. */
  readonly feature?: ModelInput;
}

/** What every request to a model needs, worked out once. */
export interface ModelPlan {
  readonly model: ServableModel;
  readonly inputs: readonly InputPlan[];
  readonly inputIndex: ReadonlyMap<string, number>;
  readonly outputIndex: ReadonlyMap<string, number>;
  readonly signature?: ModelSignature;
  /** The signature's inputs in the order in which the model takes them; none without one. */
  readonly features: readonly ModelInput[];
  /** Some input holds integers that a JSON number loses digits of. */
  readonly wide: boolean;
  /** How an answer of the Open Inference Protocol begins. */
  readonly inferHead: string;
  /** How an answer by feature name begins. */
  readonly predictHead: string;
  /** The outputs' names in JSON, as keys. */
  readonly outputKeys: readonly string[];
}

const indexOf = (specs: readonly TensorSpec[]): ReadonlyMap<string, number> =>
  new Map(specs.map(({ name }, i) => [name, i]));

const isWide = ({ datatype }: TensorSpec): boolean => datatype === 'INT64' || datatype === 'UINT64';

/** A version of ours is a whole number, and said as one where our own API says it. */
const versionInJson = (version: string): string =>
  /^[1-9]\d{0,14}$/.test(version) ? version : JSON.stringify(version);

const compile = (model: ServableModel): ModelPlan => {
  const { name, version, signature } = model;
  const features = new Map(signature?.inputs.map((input) => [input.name, input]));
  const unsigned = signature === undefined ? undefined : model.inputs.find((input) => !features.has(input.name));
  assert(unsigned === undefined, `input ${unsigned?.name} of ${name} is in its signature`);
  return {
    model,
    inputs: model.inputs.map((spec) => {
      const feature = features.get(spec.name);
      return { spec, where: `input ${spec.name}`, ...(feature === undefined ? {} : { feature }) };
    }),
    inputIndex: indexOf(model.inputs),
    outputIndex: indexOf(model.outputs),
    ...(signature === undefined ? {} : { signature }),
    features: model.inputs.flatMap((spec) => features.get(spec.name) ?? []),
    wide: model.inputs.some(isWide),
    inferHead: `{"model_name":${JSON.stringify(name)},"model_version":${JSON.stringify(version)}`,
    predictHead: `{"model":${JSON.stringify(name)},"version":${versionInJson(version)}`,
    outputKeys: model.outputs.map((output) => JSON.stringify(output.name)),
  };
};

const plans = new WeakMap<ServableModel, ModelPlan>();

/** The plan of a model, kept as long as the model is. */
export const planOf = (model: ServableModel): ModelPlan => {
  const known = plans.get(model);
  if (known !== undefined) return known;
  const plan = compile(model);
  plans.set(model, plan);
  return plan;
};
