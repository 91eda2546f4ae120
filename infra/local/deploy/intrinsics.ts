import { AwsError } from '../contracts.ts';
import { cidrBlocks } from './cidr.ts';

/** What intrinsic functions may ask while a template is resolved. */
export interface Scope {
  /** A parameter, a pseudo parameter or a resource's physical id. @throws AwsError when there is none. */
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  importValue(exportName: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): unknown;
  readonly region: string;
}

/** `AWS::NoValue`: the property, or the list's element, that holds it disappears. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
const shown = (value: unknown): string => JSON.stringify(value) ?? 'undefined';

const text = (value: unknown, where: string): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(`${where} needs text, got ${shown(value)}`);
};

const list = (value: unknown, where: string): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw invalid(`${where} needs a list, got ${shown(value)}`);
};

const argumentsOf = (argument: unknown, scope: Scope, where: string): readonly unknown[] =>
  list(argument, where).map((item) => resolve(item, scope));

const attributeOf: Intrinsic = (argument, scope) => {
  const [logicalId, ...names] = Array.isArray(argument) ? argument : text(argument, 'Fn::GetAtt').split('.');
  const name = names.map((part) => text(resolve(part, scope), 'Fn::GetAtt')).join('.');
  return scope.attribute(text(logicalId, 'Fn::GetAtt'), name);
};

const substitute: Intrinsic = (argument, scope) => {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const given = variables as Readonly<Record<string, unknown>>;
  return text(template, 'Fn::Sub').replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, body: string) => {
    if (literal !== '') return `\${${body}}`;
    const name = body.trim();
    if (Object.hasOwn(given, name)) return text(resolve(given[name], scope), `Fn::Sub \${${name}}`);
    const value = name.includes('.') && !name.startsWith('AWS::') ? attributeOf(name, scope) : scope.ref(name);
    return text(value, `Fn::Sub \${${name}}`);
  });
};

const truth = (argument: unknown, scope: Scope): boolean => {
  const value = resolve(argument, scope);
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid(`a condition needs true or false, got ${shown(value)}`);
};

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.ref(text(argument, 'Ref')),
  Condition: (argument, scope) => scope.condition(text(argument, 'Condition')),
  'Fn::GetAtt': attributeOf,
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = argumentsOf(argument, scope, 'Fn::Join');
    return list(parts, 'Fn::Join')
      .map((part) => text(part, 'Fn::Join'))
      .join(text(separator, 'Fn::Join'));
  },
  'Fn::Split': (argument, scope) => {
    const [separator, source] = argumentsOf(argument, scope, 'Fn::Split');
    return text(source, 'Fn::Split').split(text(separator, 'Fn::Split'));
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = argumentsOf(argument, scope, 'Fn::Select');
    const selected = list(items, 'Fn::Select')[Number(index)];
    if (selected === undefined) throw invalid(`Fn::Select finds no element ${shown(index)} in ${shown(items)}`);
    return selected;
  },
  'Fn::Base64': (argument, scope) => Buffer.from(text(resolve(argument, scope), 'Fn::Base64')).toString('base64'),
  'Fn::ImportValue': (argument, scope) => scope.importValue(text(resolve(argument, scope), 'Fn::ImportValue')),
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = argumentsOf(argument, scope, 'Fn::FindInMap');
    return scope.mapping(text(map, 'Fn::FindInMap'), text(first, 'Fn::FindInMap'), text(second, 'Fn::FindInMap'));
  },
  'Fn::GetAZs': (argument, scope) => {
    const region = text(resolve(argument, scope), 'Fn::GetAZs') || scope.region;
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
  'Fn::Cidr': (argument, scope) => {
    const [block, count, bits] = argumentsOf(argument, scope, 'Fn::Cidr');
    return cidrBlocks(text(block, 'Fn::Cidr'), Number(count), Number(bits));
  },
  'Fn::If': (argument, scope) => {
    const [condition, whenTrue, whenFalse] = list(argument, 'Fn::If');
    return resolve(scope.condition(text(condition, 'Fn::If')) ? whenTrue : whenFalse, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = argumentsOf(argument, scope, 'Fn::Equals');
    return shown(left) === shown(right);
  },
  'Fn::And': (argument, scope) => list(argument, 'Fn::And').every((item) => truth(item, scope)),
  'Fn::Or': (argument, scope) => list(argument, 'Fn::Or').some((item) => truth(item, scope)),
  'Fn::Not': (argument, scope) => !truth(list(argument, 'Fn::Not')[0], scope),
};

/** The intrinsic call that an object is, if it is one. @throws AwsError for an intrinsic that is not supported. */
export const intrinsicOf = (
  value: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly argument: unknown } | undefined => {
  const [name, ...others] = Object.keys(value);
  if (name === undefined || others.length > 0) return undefined;
  if (Object.hasOwn(INTRINSICS, name) && (name !== 'Condition' || typeof value[name] === 'string')) {
    return { name, argument: value[name] };
  }
  if (name.startsWith('Fn::')) throw invalid(`intrinsic function ${name} is not supported by the embedded cloud`);
  return undefined;
};

const resolveObject = (value: Readonly<Record<string, unknown>>, scope: Scope): unknown => {
  const intrinsic = intrinsicOf(value);
  if (intrinsic) return INTRINSICS[intrinsic.name]?.(intrinsic.argument, scope);
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
};

/** A template's value with every intrinsic function worked out. @throws AwsError ValidationError, naming the function. */
export const resolve = (value: unknown, scope: Scope): unknown => {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (typeof value === 'object' && value !== null)
    return resolveObject(value as Readonly<Record<string, unknown>>, scope);
  return value;
};
