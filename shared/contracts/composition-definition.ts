import * as v from 'valibot';
import { InvalidRequestError } from '../kernel/errors.ts';
import { showValue } from '../kernel/show-value.ts';
import { closedFields, closedObject } from './closed-object.ts';
import { describeIssue } from './describe-issue.ts';

/**
 * What a user writes in `models/<name>/composition.ts`: several models that answer as one. Pre- and post-processing that
 * needs more than these steps belongs in a model's ONNX graph, where training and serving share it.
 */

const Name = v.pipe(
  v.string(),
  v.maxLength(64),
  v.regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case: lower-case letters, digits and underscores'),
);
const ModelName = v.pipe(v.string(), v.maxLength(32), v.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case'));
const Finite = v.pipe(v.number(), v.finite());
const TimeoutMs = v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(25_000));

const Input = closedObject({
  name: Name,
  type: v.picklist(['number', 'category']),
  nullable: v.optional(v.boolean(), false),
});

const Step = v.union(
  [
    closedFields({ fill: v.union([Finite, v.string()]) }),
    closedFields({ clip: closedObject({ min: v.optional(Finite), max: v.optional(Finite) }) }),
    closedFields({ scale: closedObject({ by: v.optional(Finite, 1), plus: v.optional(Finite, 0) }) }),
    closedFields({ log: closedObject({ plus: v.optional(Finite, 0) }) }),
    closedFields({ threshold: Finite }),
    closedFields({
      map: closedObject({
        values: v.record(v.string(), v.union([Finite, v.string()])),
        otherwise: v.optional(v.union([Finite, v.string()])),
      }),
    }),
    closedFields({ curve: v.pipe(v.array(v.tuple([Finite, Finite])), v.minLength(2), v.maxLength(1_000)) }),
  ],
  'must be one of {fill}, {clip}, {scale}, {log}, {threshold}, {map}, {curve}; what needs more belongs in the ONNX graph',
);

const Transform = closedFields({
  kind: v.literal('transform'),
  name: Name,
  of: Name,
  steps: v.pipe(v.array(Step), v.minLength(1), v.maxLength(20)),
});

const Model = closedFields({
  kind: v.literal('model'),
  name: Name,
  model: ModelName,
  /** Feature of the model → column. Features that are not named are taken from the column of their own name. */
  inputs: v.optional(v.record(Name, Name), {}),
  timeoutMs: v.optional(TimeoutMs, 2_000),
  /** When the model cannot answer: the composition fails, an ensemble goes on without it, or it is worth a value. */
  onFailure: v.optional(v.union([v.picklist(['fail', 'skip']), closedObject({ value: Finite })]), 'fail'),
});

const Ensemble = closedFields({
  kind: v.literal('ensemble'),
  name: Name,
  of: v.pipe(v.array(Name), v.minLength(1), v.maxLength(20)),
  by: v.optional(v.picklist(['mean', 'median', 'min', 'max']), 'mean'),
  weights: v.optional(v.array(v.pipe(Finite, v.minValue(0)))),
  minMembers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
});

const Case = closedObject({
  when: v.union(
    [closedFields({ is: v.union([Finite, v.string()]) }), closedFields({ below: Finite })],
    'must be {is} or {below}',
  ),
  take: Name,
});

const Switch = closedFields({
  kind: v.literal('switch'),
  name: Name,
  on: Name,
  cases: v.pipe(v.array(Case), v.minLength(1), v.maxLength(20)),
  otherwise: Name,
});

export const CompositionDefinitionSchema = closedObject({
  name: ModelName,
  owner: v.pipe(v.string(), v.minLength(1)),
  description: v.optional(v.string(), ''),
  inputs: v.pipe(v.array(Input), v.minLength(1), v.maxLength(200)),
  nodes: v.pipe(v.array(v.variant('kind', [Transform, Model, Ensemble, Switch])), v.minLength(1), v.maxLength(50)),
  /** The node that is the answer: a number a row. */
  output: Name,
  deadlineMs: v.optional(TimeoutMs, 5_000),
});

export type CompositionDefinitionInput = v.InferInput<typeof CompositionDefinitionSchema>;
export type CompositionDefinition = v.InferOutput<typeof CompositionDefinitionSchema>;

/**
 * Checks the form of a composition and fills in its defaults; whether its nodes fit each other and their models is
 * checked where the models' definitions are.
 * @throws InvalidRequestError that names each wrong field, its value and what is allowed.
 */
export const defineComposition = (input: CompositionDefinitionInput): CompositionDefinition => {
  const result = v.safeParse(CompositionDefinitionSchema, input);
  if (result.success) return result.output;
  const issues = result.issues.map((issue) => describeIssue(issue, 'the composition'));
  const name = (input as { name?: unknown } | null)?.name;
  throw new InvalidRequestError(`composition ${showValue(name ?? '(unnamed)')} is invalid: ${issues.join('; ')}`);
};
