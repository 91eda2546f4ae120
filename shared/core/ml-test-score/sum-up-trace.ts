import type { ModelTrace, TracedNode, TracedValue } from '../interpreter/index.ts';
import type { RecordedTrace } from './model-records.ts';

const holdsNotFinite = ({ values }: TracedValue): boolean =>
  values.some((value) => typeof value === 'number' && !Number.isFinite(value));

/** Of finite values it made one that is not: a missing input is NaN, and passes through. */
const breaks = ({ inputs, outputs }: TracedNode): boolean =>
  outputs.some(holdsNotFinite) && !inputs.some(holdsNotFinite);

/**
 * What a trace of one captured prediction says, without any value of it.
 * @param answered what the caller was told: a float32, in whatever digits.
 */
export const sumUpTrace = (
  trace: ModelTrace,
  {
    predictionId,
    version,
    answered,
  }: { readonly predictionId: string; readonly version: number; readonly answered: number },
): RecordedTrace => {
  const output = Number(trace.outputs[0]?.data[0] ?? Number.NaN);
  const trees = trace.nodes.flatMap((node) => node.trees ?? []);
  return {
    predictionId,
    version,
    operatorCount: trace.nodes.length,
    treeCount: trees.reduce((count, row) => count + row.trees.length, 0),
    difference: Number.isFinite(output) ? Math.abs(output - Math.fround(answered)) : Number.MAX_VALUE,
    notFiniteCount: trace.nodes.filter(breaks).length,
  };
};
