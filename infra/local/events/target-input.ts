import { AwsError } from '../contracts.ts';

/** What a rule's target receives: the event, a constant (`Input`), a part (`InputPath`) or a transformed text. */

export interface TargetInput {
  readonly input?: string | undefined;
  readonly inputPath?: string | undefined;
  readonly inputTransformer?: InputTransformer | undefined;
}

interface InputTransformer {
  readonly inputPathsMap: Readonly<Record<string, string>>;
  readonly inputTemplate: string;
}

export interface RuleIdentity {
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly ingestionTime: string;
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

const STEP = /^(?:\.([^.[\]]+)|\[(\d+)\]|\['([^']+)'\])/;

/** `$`, `$.a.b`, `$.a[0]`, `$['a']`: the part of JSONPath that EventBridge takes. @throws AwsError */
const parseInputPath = (path: string): readonly (string | number)[] => {
  const steps: (string | number)[] = [];
  let rest = path.startsWith('$') ? path.slice(1) : path;
  if (!path.startsWith('$')) throw invalid(`input path must start with $, got ${path}`);
  while (rest !== '') {
    const match = STEP.exec(rest);
    if (match === null) throw invalid(`input path is not supported: ${path}`);
    steps.push(match[2] === undefined ? (match[1] ?? match[3] ?? '') : Number(match[2]));
    rest = rest.slice(match[0].length);
  }
  return steps;
};

const follow = (value: unknown, steps: readonly (string | number)[]): unknown => {
  let current = value;
  for (const step of steps) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
};

const VARIABLE = /<([A-Za-z0-9_.-]+)>/g;

const RESERVED: Readonly<Record<string, (event: Readonly<Record<string, unknown>>, rule: RuleIdentity) => unknown>> = {
  'aws.events.rule-arn': (_event, rule) => rule.ruleArn,
  'aws.events.rule-name': (_event, rule) => rule.ruleName,
  'aws.events.event.ingestion-time': (_event, rule) => rule.ingestionTime,
  'aws.events.event': ({ detail: _detail, ...event }) => event,
  'aws.events.event.json': (event) => event,
};

/** @throws AwsError when a path or a variable of the transformer is not valid */
export const checkTargetInput = (target: TargetInput): void => {
  const given = [target.input, target.inputPath, target.inputTransformer].filter((one) => one !== undefined);
  if (given.length > 1) throw invalid('only one of Input, InputPath and InputTransformer may be given');
  if (target.inputPath !== undefined) parseInputPath(target.inputPath);
  const transformer = target.inputTransformer;
  if (transformer === undefined) return;
  for (const path of Object.values(transformer.inputPathsMap)) parseInputPath(path);
  for (const [, name = ''] of transformer.inputTemplate.matchAll(VARIABLE)) {
    if (!Object.hasOwn(transformer.inputPathsMap, name) && !Object.hasOwn(RESERVED, name)) {
      throw invalid(`input template has the variable <${name}>, which the input paths do not define`);
    }
  }
};

/** Positions inside JSON strings, so that a variable there is inserted as text and elsewhere as a JSON value. */
const quotedAt = (template: string): ((position: number) => boolean) => {
  const spans: (readonly [start: number, end: number])[] = [];
  for (const match of template.matchAll(/"(?:[^"\\]|\\.)*"/g)) spans.push([match.index, match.index + match[0].length]);
  return (position) => spans.some(([start, end]) => start < position && position < end);
};

const inQuotes = (value: unknown): string => {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
};

const transform = (
  transformer: InputTransformer,
  event: Readonly<Record<string, unknown>>,
  rule: RuleIdentity,
): string => {
  const quoted = quotedAt(transformer.inputTemplate);
  return transformer.inputTemplate.replaceAll(VARIABLE, (_match, name: string, position: number) => {
    const path = transformer.inputPathsMap[name];
    const value = path === undefined ? RESERVED[name]?.(event, rule) : follow(event, parseInputPath(path));
    return quoted(position) ? inQuotes(value) : JSON.stringify(value ?? '');
  });
};

export const renderTargetInput = (
  target: TargetInput,
  event: Readonly<Record<string, unknown>>,
  rule: RuleIdentity,
): string => {
  if (target.input !== undefined) return target.input;
  if (target.inputTransformer !== undefined) return transform(target.inputTransformer, event, rule);
  if (target.inputPath === undefined) return JSON.stringify(event);
  return JSON.stringify(follow(event, parseInputPath(target.inputPath)) ?? {});
};
