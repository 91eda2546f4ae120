import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../../../shared/core/inference/index.ts';
import { interpretedOperators, interpretModel } from '../../../../../shared/core/interpreter/index.ts';
import { type ReferenceCase, readReferenceCases } from '../../../../reference/interpreter/fixtures.ts';

const CASES = readReferenceCases();
const NODE_TESTS = CASES.filter(({ name }) => name.startsWith('node/'));
const WHOLE_MODELS = CASES.filter(({ name }) => !name.startsWith('node/'));

/** ONNX's own tests allow 1e-3 relative and 1e-7 absolute; other tools compute in float64 what ONNX does in float32. */
const TOLERANCE = 1e-5;

const isNear = (ours: unknown, theirs: unknown): boolean =>
  Object.is(ours, theirs) ||
  (typeof ours === 'number' &&
    typeof theirs === 'number' &&
    (ours === theirs || Math.abs(ours - theirs) <= TOLERANCE * Math.max(1, Math.abs(theirs))));

const differenceOf = (ours: Tensor | undefined, theirs: Tensor): string | undefined => {
  if (ours?.datatype !== theirs.datatype || ours.shape.join() !== theirs.shape.join()) {
    return `${theirs.name} is ${ours?.datatype}[${ours?.shape}], expected ${theirs.datatype}[${theirs.shape}]`;
  }
  for (let i = 0; i < theirs.data.length; i++) {
    if (!isNear(ours.data[i], theirs.data[i])) {
      return `${theirs.name}, element ${i} is ${String(ours.data[i])}, expected ${String(theirs.data[i])}`;
    }
  }
  return undefined;
};

const answer = ({ bytes, inputs, outputs }: ReferenceCase): string => {
  const interpreted = interpretModel(bytes);
  if ('refused' in interpreted) return `refused: ${interpreted.refused}`;
  const given = interpreted.model.inputs.map(({ name }) => inputs.find((input) => input.name === name)!);
  const ours = interpreted.model.run(given);
  const differences = outputs.map((output) =>
    differenceOf(
      ours.find(({ name }) => name === output.name),
      output,
    ),
  );
  return differences.find((difference) => difference !== undefined) ?? 'same';
};

describe('models that other tools wrote', () => {
  it.each(WHOLE_MODELS.map((each) => [each.name, each] as const))('%s answers as its maker does', (_, each) => {
    expect(answer(each)).toBe('same');
  });

  it('gives a ZipMap’s scores as a tensor with a column for each class', () => {
    const forest = WHOLE_MODELS.find(({ name }) => name === 'sklearn-random-forest')!;
    const interpreted = interpretModel(forest.bytes);

    expect('model' in interpreted && interpreted.model.outputs).toEqual([
      { name: 'output_label', datatype: 'INT64', shape: [-1] },
      { name: 'output_probability', datatype: 'FP32', shape: [-1, 3] },
    ]);
  });
});

describe('ONNX’s own tests of its operators', () => {
  it('answers each as ONNX does, or says why not', () => {
    const verdicts = NODE_TESTS.map((each) => ({ name: each.name, verdict: answer(each) }));

    const wrong = verdicts.filter(({ verdict }) => verdict !== 'same' && !verdict.startsWith('refused: '));
    expect(wrong).toEqual([]);
    expect(verdicts.filter(({ verdict }) => verdict === 'same').length).toBeGreaterThan(0.7 * verdicts.length);
  });
});

describe('the list of interpreted operators', () => {
  it('names what is interpreted, by domain', () => {
    expect(interpretedOperators()).toContain('Concat');
    expect(interpretedOperators()).toContain('ai.onnx.ml:TreeEnsembleClassifier');
    expect(interpretedOperators()).not.toContain('Conv');
  });
});
