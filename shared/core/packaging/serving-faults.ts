import type { OnnxModel, OnnxValue } from '../onnx/index.ts';

/** Why a model that was brought cannot be served in the place of a definition's own. */

export interface ServedFeature {
  readonly name: string;
  readonly type: 'number' | 'category';
}

/** What the ONNX Runtime that serves can read; a test holds these to the runtime that is installed. */
export const RUNTIME_BOUNDS = { irVersion: { min: 3, max: 13 }, opset: 26, mlOpset: 5 } as const;
/** Of model.onnx: a function that serves it holds it in memory twice while it loads. */
export const LARGEST_MODEL_BYTES = 250_000_000;

const ML_DOMAIN = 'ai.onnx.ml';
const MEGABYTE = 1_000_000;
const MOST_NAMED = 5;

const named = (names: readonly string[]): string => {
  const shown = names.slice(0, MOST_NAMED).map((name) => JSON.stringify(name.slice(0, 60)));
  return names.length > MOST_NAMED ? `${shown.join(', ')} and ${names.length - MOST_NAMED} more` : shown.join(', ');
};

const faultIf = (isFault: boolean, text: string): readonly string[] => (isFault ? [text] : []);

const versionFaults = ({ irVersion, opsets, operators, functionDomains }: OnnxModel): readonly string[] => {
  const { min, max } = RUNTIME_BOUNDS.irVersion;
  const opset = opsets.get('');
  const mlOpset = opsets.get(ML_DOMAIN) ?? 0;
  const domains = operators.flatMap((operator) => {
    const [domain, ...rest] = operator.split(':');
    return rest.length === 0 || domain === ML_DOMAIN || domain === undefined ? [] : [domain];
  });
  const custom = [...new Set([...domains, ...functionDomains])];
  return [
    ...faultIf(irVersion < min || irVersion > max, `its IR version must be ${min} to ${max}, got ${irVersion}`),
    ...faultIf(opset === undefined, 'it imports no version of the default operator set'),
    ...faultIf(
      opset !== undefined && (opset < 1 || opset > RUNTIME_BOUNDS.opset),
      `its default operator set must be 1 to ${RUNTIME_BOUNDS.opset}, got ${opset}`,
    ),
    ...faultIf(
      mlOpset > RUNTIME_BOUNDS.mlOpset,
      `its operator set ${ML_DOMAIN} must be at most ${RUNTIME_BOUNDS.mlOpset}, got ${mlOpset}`,
    ),
    ...faultIf(
      custom.length > 0,
      `it uses operators of ${named(custom)}: only ONNX's own and ${ML_DOMAIN} can be served`,
    ),
  ];
};

const wiringFaults = (model: OnnxModel): readonly string[] => {
  const { danglingValues, duplicateNames, cycle, externalTensors } = model;
  return [
    ...faultIf(danglingValues.length > 0, `nothing gives the values ${named(danglingValues)} that its nodes read`),
    ...faultIf(duplicateNames.length > 0, `the names ${named(duplicateNames)} are given twice`),
    ...faultIf(cycle.length > 0, `its nodes wait for each other around ${named(cycle)}`),
    ...faultIf(
      externalTensors.length > 0,
      `the tensors ${named(externalTensors.map(({ name }) => name))} stand in other files (${named([
        ...new Set(externalTensors.map(({ location }) => location)),
      ])}): store tensors inside`,
    ),
  ];
};

/** One column of any length: the first size open or named, the second 1 or open. */
const isColumn = ({ shape }: OnnxValue): boolean => {
  if (shape === undefined) return true;
  const [rows, width, ...more] = shape;
  if (shape.length !== 2 || more.length > 0) return false;
  return (typeof rows !== 'number' || rows < 0) && (typeof width !== 'number' || width === 1 || width < 0);
};

const showShape = ({ shape }: OnnxValue): string =>
  shape === undefined ? 'any shape' : `[${shape.map((size) => size ?? '?').join(', ')}]`;

const tensorFaults = (what: string, value: OnnxValue, elementType: string): readonly string[] => {
  const { kind, elementType: found } = value;
  const name = JSON.stringify(value.name.slice(0, 60));
  if (kind === 'none' || found === 'UNDEFINED') return [`${what} ${name} has no type, it must be ${elementType}`];
  if (kind !== 'tensor') return [`${what} ${name} must be a tensor, got a ${kind}`];
  return [
    ...faultIf(found !== elementType, `${what} ${name} must hold ${elementType}, got ${found}`),
    ...faultIf(!isColumn(value), `${what} ${name} must have the shape [rows, 1], got ${showShape(value)}`),
  ];
};

const inputFaults = (inputs: readonly OnnxValue[], features: readonly ServedFeature[]): readonly string[] => {
  const given = new Map(inputs.map((input) => [input.name, input]));
  const wanted = new Set(features.map(({ name }) => name));
  const missing = features.filter(({ name }) => !given.has(name)).map(({ name }) => name);
  const extra = inputs.map(({ name }) => name).filter((name) => !wanted.has(name));
  return [
    ...faultIf(missing.length > 0, `it has no input for the features ${named(missing)}`),
    ...faultIf(extra.length > 0, `its inputs ${named(extra)} are no features of the definition`),
    ...features.flatMap(({ name, type }) => {
      const input = given.get(name);
      return input === undefined ? [] : tensorFaults('input', input, type === 'category' ? 'STRING' : 'FLOAT');
    }),
  ];
};

/** Every reason against serving a model, each a phrase for a person; none when it can be tried. */
export const servingFaults = (model: OnnxModel, features: readonly ServedFeature[]): readonly string[] => {
  const { sizeBytes, inputs, outputs } = model;
  const [output, ...others] = outputs;
  return [
    ...faultIf(
      sizeBytes > LARGEST_MODEL_BYTES,
      `it has ${Math.ceil(sizeBytes / MEGABYTE)} MB, at most ${LARGEST_MODEL_BYTES / MEGABYTE} MB can be served`,
    ),
    ...versionFaults(model),
    ...wiringFaults(model),
    ...inputFaults(inputs, features),
    ...(output === undefined || others.length > 0
      ? [`it must have one output, got ${outputs.length === 0 ? 'none' : named(outputs.map(({ name }) => name))}`]
      : tensorFaults('output', output, 'FLOAT')),
  ];
};
