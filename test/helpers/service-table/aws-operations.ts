/**
 * The operations of an AWS service and every option of each, from the schemas of its SDK v3 client: a source that
 * knows nothing of this repository. The schemas' layout is that of `@smithy/core/schema` (its static form).
 */

export interface AwsOption {
  /** Name of the member. */
  readonly name: string;
  /** Its name in a document, where that differs. */
  readonly xmlName: string | undefined;
  /** Name of a list's elements in a document, where they stand in an element of the list's own. */
  readonly itemName: string | undefined;
  /** Name of the query parameter or header that carries it, lower case. */
  readonly wireName: string | undefined;
  readonly carrier: 'query' | 'header' | 'body';
  /** Part of the path. */
  readonly isLabel: boolean;
  readonly isRequired: boolean;
  /** Of the structure, of the items of the list or of the values of the map. */
  readonly inside: readonly AwsOption[];
  /** What a path through it holds behind its name: `[]` for a list, `{}` for a map. */
  readonly suffix: '' | '[]' | '{}';
}

export interface AwsOperation {
  readonly name: string;
  /** Method and path with variables, for REST protocols: `GET`, `/schedules/{Name}`. */
  readonly http: readonly [method: string, path: string] | undefined;
  readonly options: readonly AwsOption[];
}

type Schema = readonly unknown[];
const LIST = 1;
const MAP = 2;
const STRUCTURE = 3;
const OPERATION = 9;
/** Bit of a member's traits. */
const LABEL = 1;
/** Structures may hold themselves. */
const MAX_DEPTH = 7;

const resolve = (reference: unknown): Schema | undefined => {
  const value: unknown = typeof reference === 'function' ? (reference as () => unknown)() : reference;
  return Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string' ? value : undefined;
};

interface Traits {
  readonly httpHeader?: string;
  readonly httpQuery?: string;
  readonly httpPrefixHeaders?: string;
  readonly xmlName?: string;
  readonly xmlFlattened?: number;
}

/** A member is a type, or a type with traits. */
const memberOf = (member: unknown): { readonly type: unknown; readonly traits: Traits; readonly isLabel: boolean } => {
  const [type, traits] = Array.isArray(member) && typeof member[1] !== 'string' ? member : [member, 0];
  if (typeof traits === 'number') return { type, traits: {}, isLabel: (traits & LABEL) === LABEL };
  const given = traits as Traits & { readonly httpLabel?: number };
  return { type, traits: given, isLabel: given.httpLabel === 1 };
};

const optionsOf = (schema: Schema | undefined, depth: number): readonly AwsOption[] => {
  if (schema?.[0] !== STRUCTURE || depth > MAX_DEPTH) return [];
  const [names, members] = [schema[4] as readonly string[], schema[5] as readonly unknown[]];
  // Required members stand first, and are counted.
  const required = Number(schema[6] ?? 0);
  return names.map((name, index) => ({ ...optionOf(name, members[index], depth), isRequired: index < required }));
};

const carrierOf = ({ httpHeader, httpQuery, httpPrefixHeaders }: Traits): AwsOption['carrier'] => {
  if (httpQuery !== undefined) return 'query';
  return httpHeader === undefined && httpPrefixHeaders === undefined ? 'body' : 'header';
};

/** Lists of lists and maps of lists count as what they hold. */
const optionOf = (name: string, member: unknown, depth: number): Omit<AwsOption, 'isRequired'> => {
  const { type, traits, isLabel } = memberOf(member);
  const schema = resolve(type);
  const item = schema?.[0] === LIST || schema?.[0] === MAP ? memberOf(schema.at(-1)) : undefined;
  const suffix = schema?.[0] === LIST ? '[]' : schema?.[0] === MAP ? '{}' : '';
  return {
    name,
    xmlName: traits.xmlName,
    itemName: traits.xmlFlattened === undefined ? item?.traits.xmlName : undefined,
    wireName: (traits.httpHeader ?? traits.httpQuery ?? traits.httpPrefixHeaders)?.toLowerCase(),
    carrier: carrierOf(traits),
    isLabel,
    inside: optionsOf(item === undefined ? schema : resolve(item.type), depth + 1),
    suffix,
  };
};

const httpOf = (traits: unknown): AwsOperation['http'] =>
  typeof traits === 'object' ? (traits as { readonly http?: AwsOperation['http'] }).http : undefined;

/** Of a client's module, in alphabetic order. */
export const awsOperations = (client: Readonly<Record<string, unknown>>): readonly AwsOperation[] =>
  Object.entries(client)
    .flatMap(([name, value]) => {
      if (!name.endsWith('$') || !Array.isArray(value) || value[0] !== OPERATION) return [];
      return [{ name: String(value[2]), http: httpOf(value[3]), options: optionsOf(resolve(value[4]), 0) }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
