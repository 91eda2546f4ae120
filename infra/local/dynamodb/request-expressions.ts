import { validationError } from './errors.ts';
import { validateUpdate } from './expressions/apply-update.ts';
import { type Bindings, bindExpressions, type UsedExpression } from './expressions/bindings.ts';
import { parseCondition } from './expressions/parse-condition.ts';
import { parseProjection } from './expressions/parse-projection.ts';
import { parseUpdate, pathComplaint } from './expressions/parse-update.ts';
import type { Condition, DocumentPath, Parsed, UpdateAction } from './expressions/syntax.ts';
import { validateCondition } from './expressions/validate-condition.ts';
import { type Input, optionalText } from './input.ts';

/** The expressions of one request, parsed, bound and checked. */
export interface RequestExpressions {
  readonly bindings: Bindings;
  readonly condition?: Condition;
  readonly keyCondition?: Condition;
  readonly filter?: Condition;
  readonly update?: readonly UpdateAction[];
  /** Resolved paths. */
  readonly projection?: readonly DocumentPath[];
}

type Parameter =
  | 'ConditionExpression'
  | 'KeyConditionExpression'
  | 'FilterExpression'
  | 'UpdateExpression'
  | 'ProjectionExpression';

const MAX_CACHED = 1_000;

/** Programs send the same few expressions over and over: the text is parsed once. */
const cached = <T>(parse: (text: string) => Parsed<T>): ((text: string) => Parsed<T>) => {
  const known = new Map<string, Parsed<T>>();
  return (text) => {
    const hit = known.get(text);
    if (hit !== undefined) return hit;
    const parsed = parse(text);
    if (known.size >= MAX_CACHED) known.clear();
    known.set(text, parsed);
    return parsed;
  };
};

const conditions = {
  ConditionExpression: cached((text) => parseCondition(text, 'ConditionExpression')),
  KeyConditionExpression: cached((text) => parseCondition(text, 'KeyConditionExpression')),
  FilterExpression: cached((text) => parseCondition(text, 'FilterExpression')),
};
const updates = cached(parseUpdate);
const projections = cached(parseProjection);

const requireApart = (parameter: Parameter, paths: readonly DocumentPath[]): void => {
  const complaint = pathComplaint(paths);
  if (complaint !== undefined) throw validationError(`Invalid ${parameter}: ${complaint}`);
};

/** @throws AwsError ValidationException */
export const readExpressions = (input: Input, parameters: readonly Parameter[]): RequestExpressions => {
  const used: UsedExpression[] = [];
  const parse = <T>(parameter: Parameter, parser: (text: string) => Parsed<T>): T | undefined => {
    const text = parameters.includes(parameter) ? optionalText(input, parameter) : undefined;
    if (text === undefined) return undefined;
    const parsed = parser(text);
    used.push({ parameter, parsed });
    return parsed.node;
  };
  const update = parse('UpdateExpression', updates);
  const condition = parse('ConditionExpression', conditions.ConditionExpression);
  const keyCondition = parse('KeyConditionExpression', conditions.KeyConditionExpression);
  const filter = parse('FilterExpression', conditions.FilterExpression);
  const projection = parse('ProjectionExpression', projections);
  const bindings = bindExpressions(used, {
    names: input.ExpressionAttributeNames ?? undefined,
    values: input.ExpressionAttributeValues ?? undefined,
  });
  if (condition) validateCondition(condition, 'ConditionExpression', bindings);
  if (keyCondition) validateCondition(keyCondition, 'KeyConditionExpression', bindings);
  if (filter) validateCondition(filter, 'FilterExpression', bindings);
  if (update) {
    requireApart(
      'UpdateExpression',
      update.map(({ path }) => bindings.resolve(path)),
    );
    validateUpdate(update, bindings);
  }
  const projected = projection?.map((path) => bindings.resolve(path));
  if (projected) requireApart('ProjectionExpression', projected);
  return {
    bindings,
    ...(condition ? { condition } : {}),
    ...(keyCondition ? { keyCondition } : {}),
    ...(filter ? { filter } : {}),
    ...(update ? { update } : {}),
    ...(projected ? { projection: projected } : {}),
  };
};

export const EXPRESSION_PLACEHOLDERS = ['ExpressionAttributeNames', 'ExpressionAttributeValues'] as const;
