import { InvalidRequestError } from '../../kernel/errors.ts';
import type { Tensor, TensorSpec } from '../inference/index.ts';
import type { Plan, Step } from './plan.ts';
import { countOf, fitsDatatype, type Value } from './value.ts';

/** Of all values of one run: a small request must not unfold into all of the memory. */
const MOST_ELEMENTS = 2 ** 26;

const checkInput = ({ name, datatype, shape }: TensorSpec, tensor: Tensor | undefined): Value => {
  if (tensor === undefined) throw new InvalidRequestError(`input ${name} is missing`);
  if (tensor.datatype !== datatype) {
    throw new InvalidRequestError(`input ${name} must have datatype ${datatype}, got ${tensor.datatype}`);
  }
  const given = tensor.shape;
  if (given.length !== shape.length || shape.some((size, axis) => size !== -1 && size !== given[axis])) {
    throw new InvalidRequestError(`input ${name} must have shape [${shape}], got [${given}]`);
  }
  if (!fitsDatatype(datatype, tensor.data) || tensor.data.length !== countOf(given)) {
    throw new InvalidRequestError(
      `input ${name} must have ${countOf(given)} ${datatype} values for shape [${given}], got ${tensor.data.length}`,
    );
  }
  return tensor;
};

/** The slots of a run before its first step. */
export const startSlots = (plan: Plan, inputs: readonly Tensor[]): (Value | undefined)[] => {
  if (inputs.length !== plan.inputs.length) {
    throw new InvalidRequestError(`the model takes ${plan.inputs.length} inputs, got ${inputs.length}`);
  }
  const slots = plan.slots.slice();
  for (let i = 0; i < plan.inputs.length; i++) slots[i] = checkInput(plan.inputs[i] as TensorSpec, inputs[i]);
  return slots;
};

/** Runs one step. @returns how many elements it made. */
export const runStep = (step: Step, slots: (Value | undefined)[]): number => {
  const { inputSlots, outputSlots } = step;
  const values = new Array<Value | undefined>(inputSlots.length);
  for (let i = 0; i < inputSlots.length; i++) values[i] = slots[inputSlots[i] as number];
  const results = step.compiled.run(values);
  let made = 0;
  for (let i = 0; i < outputSlots.length; i++) {
    const result = results[i] as Value;
    made += result.data.length;
    if (outputSlots[i] !== -1) slots[outputSlots[i] as number] = result;
  }
  return made;
};

const chosenOutputs = (plan: Plan, names: readonly string[]): readonly number[] =>
  names.map((name) => {
    const index = plan.outputs.findIndex((output) => output.name === name);
    if (index !== -1) return index;
    const known = plan.outputs.map((output) => output.name).join(', ');
    throw new InvalidRequestError(`the model has no output ${name}; it has ${known}`);
  });

const outputAt = (plan: Plan, slots: readonly (Value | undefined)[], index: number): Tensor => {
  const { name } = plan.outputs[index] as TensorSpec;
  const { datatype, shape, data } = slots[plan.outputSlots[index] as number] as Value;
  return { name, datatype, shape, data };
};

export const runPlan = (plan: Plan, inputs: readonly Tensor[], outputNames?: readonly string[]): readonly Tensor[] => {
  const chosen = outputNames === undefined ? undefined : chosenOutputs(plan, outputNames);
  const slots = startSlots(plan, inputs);
  let elements = 0;
  for (const step of plan.steps) {
    elements += runStep(step, slots);
    if (elements > MOST_ELEMENTS) throw new InvalidRequestError(`a run may make ${MOST_ELEMENTS} elements`);
  }
  if (chosen !== undefined) return chosen.map((index) => outputAt(plan, slots, index));
  return plan.outputs.map((_, index) => outputAt(plan, slots, index));
};
