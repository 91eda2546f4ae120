import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { validateDefinition } from '../../infra/local/states/definition/validate.ts';
import { synthesisedWorkflows } from '../helpers/synthesised-workflows.ts';

/** An independent reading of the Amazon States Language; it comes without types. */
const aslValidator = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
  readonly isValid: boolean;
  readonly errors: readonly unknown[];
};

const IMAGE = `000000000000.dkr.ecr.us-east-1.amazonaws.com/trainer@sha256:${'a'.repeat(64)}`;
const TRAINERS = {
  'built-in': undefined,
  sagemaker: { kind: 'sagemaker', image: IMAGE, instanceType: 'ml.g5.xlarge' },
  batch: { kind: 'batch', image: IMAGE, gpus: 1 },
} as const;

const definitions = Object.entries(TRAINERS).flatMap(([kind, trainer]) =>
  Object.entries(synthesisedWorkflows(trainer))
    .filter(([name]) => /^(train|reproduce)-/.test(name) || kind === 'built-in')
    .map(([name, definition]) => ({ name, kind, definition })),
);

it('every file of state-machines reaches the template, and each has a test file of its branches', () => {
  const named = (folder: string, ending: string): readonly string[] =>
    readdirSync(folder)
      .filter((file) => file.endsWith(ending))
      .map((file) => file.slice(0, -ending.length))
      .sort();

  expect(named('state-machines', '.asl.json')).toEqual([
    'batch-scoring',
    'canary-rollout',
    'drift-check',
    'model-upload',
    'reproduction',
    'training-pipeline',
  ]);
  expect(named('state-machines/train', '.asl.json')).toEqual(Object.keys(TRAINERS).sort());
  expect(definitions.map(({ name, kind }) => `${name} (${kind})`).sort()).toEqual([
    'batch-scoring (built-in)',
    'canary-rollout (built-in)',
    'drift-check (built-in)',
    'model-upload (built-in)',
    'reproduce-flight-delay (batch)',
    'reproduce-flight-delay (built-in)',
    'reproduce-flight-delay (sagemaker)',
    'train-flight-delay (batch)',
    'train-flight-delay (built-in)',
    'train-flight-delay (sagemaker)',
  ]);
  expect(named('test/state-machines', '.test.ts')).toEqual([
    'batch-scoring',
    'canary-rollout',
    'drift-check',
    'every-definition',
    'image-trainers',
    'model-upload',
    'reproduction',
    'training-pipeline',
  ]);
});

describe.each(definitions)('$name with the $kind trainer', ({ definition }) => {
  it('is accepted by asl-validator', () => {
    const { isValid, errors } = aslValidator(definition);

    expect(errors).toEqual([]);
    expect(isValid).toBe(true);
  });

  it('is accepted by the embedded Step Functions', () => {
    expect(validateDefinition(JSON.stringify(definition)).diagnostics).toEqual([]);
  });
});
