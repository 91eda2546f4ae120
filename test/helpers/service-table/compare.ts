import type { OperationSupport } from '../../../infra/local/contracts.ts';
import type { AwsOperation, AwsOption } from './aws-operations.ts';

/** An operation of AWS's, and what the embedded cloud makes of each of its options. */
export interface ComparedOperation {
  readonly name: string;
  readonly supported: readonly string[];
  readonly ignored: OperationSupport['ignored'];
  /** Refused by name; those inside a structure that is supported follow its name. */
  readonly refused: readonly string[];
  /** As the service calls it. */
  readonly support: OperationSupport;
}

const normalized = (route: string): string => route.replace(/\{[^}]*\}/g, '{}');

/** Names that a service may give an option of AWS's, one behind the other at every level. */
const pathsOf = (option: AwsOption, parents: readonly string[]): readonly string[] => {
  const names = new Set([option.name, option.xmlName ?? option.name]);
  return parents.flatMap((parent) => [...names].map((name) => (parent === '' ? name : `${parent}.${name}`)));
};

interface Verdict {
  readonly supported: string[];
  readonly refused: string[];
}

const judge = (
  options: readonly AwsOption[],
  known: { readonly supported: readonly string[]; readonly ignored: readonly string[] },
  place: { readonly shown: string; readonly parents: readonly string[] },
  verdict: Verdict,
): void => {
  for (const option of options) {
    const shown = place.shown === '' ? option.name : `${place.shown}.${option.name}`;
    const paths = pathsOf(option, place.parents);
    if (paths.some((path) => known.ignored.includes(path))) continue;
    const inner = paths.flatMap((path) => [path, `${path}[]`, `${path}{}`, `${path}.${option.itemName}`]);
    const opened = known.supported.some((one) => inner.some((path) => one.startsWith(`${path}.`)));
    const byWire = place.shown === '' && option.wireName !== undefined && known.supported.includes(option.wireName);
    if (!opened && !byWire && !option.isLabel && !paths.some((path) => known.supported.includes(path))) {
      verdict.refused.push(shown);
      continue;
    }
    if (place.shown === '') verdict.supported.push(option.name);
    if (opened) judge(option.inside, known, { shown, parents: inner }, verdict);
  }
};

/** What AWS offers beside what is served here. */
export const compareOperations = (
  aws: readonly AwsOperation[],
  served: readonly OperationSupport[],
): {
  readonly offered: readonly ComparedOperation[];
  readonly missing: readonly string[];
  readonly unknown: readonly OperationSupport[];
} => {
  const bySupport = new Map(served.map((support) => [normalized(support.name), support]));
  const find = ({ name, http }: AwsOperation): OperationSupport | undefined =>
    bySupport.get(name) ?? (http && bySupport.get(normalized(`${http[0]} ${http[1].split('?')[0]}`)));
  const offered = aws.flatMap((operation) => {
    const support = find(operation);
    if (support === undefined) return [];
    const known = {
      supported: support.supported.map((name) => name),
      ignored: support.ignored.map(({ option }) => option),
    };
    const lower = { ...known, supported: [...known.supported, ...known.supported.map((name) => name.toLowerCase())] };
    const verdict: Verdict = { supported: [], refused: [] };
    judge(operation.options, lower, { shown: '', parents: [''] }, verdict);
    return [{ name: operation.name, ...verdict, ignored: support.ignored, support }];
  });
  const used = new Set(offered.map(({ support }) => support.name));
  return {
    offered,
    missing: aws.filter((operation) => find(operation) === undefined).map(({ name }) => name),
    unknown: served.filter(({ name }) => !used.has(name)),
  };
};
