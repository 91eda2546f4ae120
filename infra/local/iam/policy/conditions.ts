import { compileArnPattern, compileWildcard, type TextTest } from './wildcard.ts';

/**
 * Conditions of a statement. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */

/** Condition keys in lower case and their values at this request. */
export type ConditionValues = (key: string) => readonly string[] | undefined;
export type Condition = (values: ConditionValues) => boolean;

/** A test of one value of the request against one value of the policy. */
type Compile = (expected: string) => TextTest;

const numeric =
  (holds: (actual: number, expected: number) => boolean): Compile =>
  (expected) => {
    const limit = Number(expected);
    return (text) => text.trim() !== '' && holds(Number(text), limit);
  };

const toTime = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const dated =
  (holds: (actual: number, expected: number) => boolean): Compile =>
  (expected) => {
    const limit = toTime(expected);
    return (text) => holds(toTime(text), limit);
  };

const addressOf = (text: string): number | undefined => {
  const parts = text.split('.').map(Number);
  const valid = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return valid ? parts.reduce((address, part) => address * 256 + part, 0) : undefined;
};

/** IPv4 in CIDR notation; nothing here has another address than IPv4's loopback. */
const inRange: Compile = (expected) => {
  const [network = '', bits = '32'] = expected.split('/');
  const base = addressOf(network);
  const size = 2 ** (32 - Number(bits));
  return (text) => {
    const address = addressOf(text);
    if (address === undefined || base === undefined) return false;
    return Math.floor(address / size) === Math.floor(base / size);
  };
};

interface Operator {
  readonly compile: Compile;
  /** The condition holds when no value matches. */
  readonly negated?: true;
}

const equal: Compile = (expected) => (text) => text === expected;
const sameFolded: Compile = (expected) => {
  const folded = expected.toLowerCase();
  return (text) => text.toLowerCase() === folded;
};
const like: Compile = (expected) => compileWildcard(expected);

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { compile: equal },
  StringNotEquals: { compile: equal, negated: true },
  StringEqualsIgnoreCase: { compile: sameFolded },
  StringNotEqualsIgnoreCase: { compile: sameFolded, negated: true },
  StringLike: { compile: like },
  StringNotLike: { compile: like, negated: true },
  ArnEquals: { compile: compileArnPattern },
  ArnLike: { compile: compileArnPattern },
  ArnNotEquals: { compile: compileArnPattern, negated: true },
  ArnNotLike: { compile: compileArnPattern, negated: true },
  NumericEquals: { compile: numeric((a, b) => a === b) },
  NumericNotEquals: { compile: numeric((a, b) => a === b), negated: true },
  NumericLessThan: { compile: numeric((a, b) => a < b) },
  NumericLessThanEquals: { compile: numeric((a, b) => a <= b) },
  NumericGreaterThan: { compile: numeric((a, b) => a > b) },
  NumericGreaterThanEquals: { compile: numeric((a, b) => a >= b) },
  DateEquals: { compile: dated((a, b) => a === b) },
  DateNotEquals: { compile: dated((a, b) => a === b), negated: true },
  DateLessThan: { compile: dated((a, b) => a < b) },
  DateLessThanEquals: { compile: dated((a, b) => a <= b) },
  DateGreaterThan: { compile: dated((a, b) => a > b) },
  DateGreaterThanEquals: { compile: dated((a, b) => a >= b) },
  Bool: { compile: sameFolded },
  IpAddress: { compile: inRange },
  NotIpAddress: { compile: inRange, negated: true },
};

/** Keys that the embedded cloud knows a value of, or knows to be absent. Another one is refused at deploy. */
const KEYS: ReadonlySet<string> = new Set([
  'application-autoscaling:scalable-dimension',
  'application-autoscaling:service-namespace',
  'aws:currenttime',
  'aws:epochtime',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:requestedregion',
  'aws:securetransport',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'cloudwatch:namespace',
  'dynamodb:leadingkeys',
  'events:detail-type',
  'events:source',
  'iam:passedtoservice',
  'kms:calleraccount',
  'kms:viaservice',
  's3:delimiter',
  's3:max-keys',
  's3:prefix',
  's3:versionid',
  's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
]);

/** A policy that cannot be evaluated here as AWS would. */
export class UnsupportedCondition extends Error {
  override readonly name = 'UnsupportedCondition';
}

const VARIABLE = /\$\{([^*?$}][^}]*)\}/g;

/** Fills in policy variables; a variable without a value makes the value match nothing. */
export const fillVariables = (text: string, values: ConditionValues): string | undefined => {
  let known = true;
  const filled = text.replace(VARIABLE, (_match, name: string) => {
    const value = values(name.toLowerCase())?.[0];
    if (value === undefined) known = false;
    // What a value holds is no wildcard.
    return (value ?? '').replace(/[*?$]/g, (character) => `\${${character}}`);
  });
  return known ? filled : undefined;
};

export const hasVariables = (text: string): boolean => text.search(VARIABLE) >= 0;

const compileValue = (compile: Compile, expected: string): ((text: string, values: ConditionValues) => boolean) => {
  if (!hasVariables(expected)) return compile(expected);
  return (text, values) => {
    const filled = fillVariables(expected, values);
    return filled !== undefined && compile(filled)(text);
  };
};

interface Comparison {
  readonly key: string;
  readonly operator: string;
  readonly expected: readonly string[];
}

const compileNull = ({ key, expected }: Comparison): Condition => {
  const absent = expected[0] === 'true';
  return (values) => (values(key) === undefined) === absent;
};

const SET_OPERATOR = /^(ForAllValues|ForAnyValue):/;

const compileComparison = ({ key, operator, expected }: Comparison): Condition => {
  const set = SET_OPERATOR.exec(operator)?.[1];
  const rest = operator.replace(SET_OPERATOR, '');
  const ifExists = rest.endsWith('IfExists');
  const name = ifExists ? rest.slice(0, -'IfExists'.length) : rest;
  const known = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (known === undefined) {
    throw new UnsupportedCondition(`condition operator ${operator} is not supported by the embedded cloud`);
  }
  const tests = expected.map((value) => compileValue(known.compile, value));
  const negated = known.negated === true;
  return (values) => {
    const actual = values(key);
    if (actual === undefined || actual.length === 0) {
      // A negated operator holds for a key that is not there; ForAllValues holds for an empty set.
      return ifExists || (negated && set !== 'ForAnyValue') || set === 'ForAllValues';
    }
    const matches = (text: string): boolean => tests.some((test) => test(text, values)) !== negated;
    if (set === 'ForAllValues') return actual.every(matches);
    return negated && set === undefined ? actual.every(matches) : actual.some(matches);
  };
};

/**
 * All comparisons of a `Condition` element must hold.
 * @throws UnsupportedCondition for an operator or a key without behaviour here
 */
export const compileConditions = (element: Readonly<Record<string, unknown>>): Condition => {
  const conditions = Object.entries(element).flatMap(([operator, comparisons]) =>
    Object.entries(comparisons as Readonly<Record<string, unknown>>).map(([name, value]) => {
      const key = name.toLowerCase();
      if (!KEYS.has(key)) {
        throw new UnsupportedCondition(`condition key ${name} is not supported by the embedded cloud`);
      }
      const expected = (Array.isArray(value) ? value : [value]).map(String);
      const comparison = { key, operator, expected };
      return operator === 'Null' ? compileNull(comparison) : compileComparison(comparison);
    }),
  );
  return (values) => conditions.every((condition) => condition(values));
};
