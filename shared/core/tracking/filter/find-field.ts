import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Field, FieldKind } from '../search.ts';
import type { EntityTable, FieldRule } from './entity-table.ts';
import type { Token } from './read-tokens.ts';

type Identifier = Extract<Token, { readonly kind: 'identifier' }>;

interface SplitName {
  readonly kind: FieldKind;
  readonly key: string;
}

/** `metrics.a.b` is the metric `a.b`; a name without a dot is an attribute. */
const split = (table: EntityTable, { parts }: Identifier): SplitName => {
  const [first, ...rest] = parts;
  if (first === undefined || rest.length === 0) return { kind: 'attribute', key: first?.text ?? '' };
  const kind = Object.hasOwn(table.prefixes, first.text) ? table.prefixes[first.text] : undefined;
  if (kind === undefined || first.quote === '"') {
    throw new InvalidRequestError(
      `Invalid entity type '${first.text}'. Valid values are ${Object.keys(table.prefixes).join(', ')}`,
    );
  }
  return { kind, key: rest.map(({ text }) => text).join('.') };
};

const unknownKey = (kind: FieldKind, key: string, known: readonly string[]): InvalidRequestError =>
  new InvalidRequestError(`Invalid ${kind} key '${key}' specified. Valid keys are ${known.join(', ')}`);

/** Attributes and dataset keys have names of ours; dataset ones are tabled as `dataset.<key>`. */
const tabledName = ({ kind, key }: SplitName): string => (kind === 'attribute' ? key : `${kind}.${key}`);

/** The field that a filter names, and what may be asked of it. @throws InvalidRequestError */
export const findField = (
  table: EntityTable,
  identifier: Identifier,
): { readonly field: Field; readonly rule: FieldRule } => {
  const name = split(table, identifier);
  const keyed = table.keyed[name.kind];
  if (keyed !== undefined) return { field: name, rule: keyed };
  const tabled = tabledName(name);
  const row = Object.hasOwn(table.attributes, tabled) ? table.attributes[tabled] : undefined;
  if (row === undefined) throw unknownKey(name.kind, name.key, Object.keys(table.attributes));
  return row;
};

/** The field that an order names. @throws InvalidRequestError */
export const findOrderField = (table: EntityTable, identifier: Identifier): Field => {
  const name = split(table, identifier);
  if (table.orderKinds.includes(name.kind)) return name;
  const field =
    name.kind === 'attribute' && Object.hasOwn(table.orderAttributes, name.key)
      ? table.orderAttributes[name.key]
      : undefined;
  if (field === undefined) throw unknownKey(name.kind, name.key, Object.keys(table.orderAttributes));
  return field;
};
