import type { ValueSource } from '../../shared/core/routing/index.ts';
import type { ApiGatewayEvent } from '../../shared/http/index.ts';

/** Values of a request at a source, each once. */
export type RequestValues = (source: ValueSource) => ReadonlySet<string>;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const bodyOf = ({ body, isBase64Encoded }: ApiGatewayEvent): Fields => {
  try {
    const text = isBase64Encoded === true ? Buffer.from(body ?? '', 'base64').toString('utf8') : (body ?? '');
    const parsed: unknown = JSON.parse(text);
    return isFields(parsed) ? parsed : {};
  } catch {
    // Not JSON, or binary tensors: the protocol will say so, or take it; there is no key in it.
    return {};
  }
};

/** Rows of a request by any of the protocols, each with its features and entities by name. */
const rowsOf = (body: Fields): readonly { readonly features: Fields; readonly entities: Fields }[] => {
  const rows = [
    ...('features' in body || 'entities' in body ? [body] : []),
    ...listOf(body.instances),
    ...listOf(body.dataframe_records),
  ].filter(isFields);
  return rows.map((row) => ({
    features: isFields(row.features) ? row.features : row,
    entities: isFields(row.entities) ? row.entities : {},
  }));
};

/** A feature's column in requests by tensors or by columns. */
const columnOf = ({ inputs, dataframe_split: split }: Fields, feature: string): readonly unknown[] => {
  if (isFields(inputs)) return [inputs[feature]].flat(Number.POSITIVE_INFINITY);
  const tensor = listOf(inputs).find((input) => isFields(input) && input.name === feature) as Fields | undefined;
  if (tensor !== undefined) return listOf(tensor.data).flat(Number.POSITIVE_INFINITY);
  if (!isFields(split)) return [];
  const index = listOf(split.columns).indexOf(feature);
  return index < 0 ? [] : listOf(split.data).map((row) => listOf(row)[index]);
};

const textsOf = (values: readonly unknown[]): ReadonlySet<string> =>
  new Set(
    values.flatMap((value) => {
      if (typeof value === 'string') return value === '' ? [] : [value];
      return typeof value === 'number' && Number.isFinite(value) ? [String(value)] : [];
    }),
  );

const headerValues = ({ headers }: ApiGatewayEvent, name: string): ReadonlySet<string> =>
  textsOf(Object.entries(headers ?? {}).flatMap(([key, value]) => (key.toLowerCase() === name ? [value?.trim()] : [])));

/**
 * Where a request has its keys. The body is read once, and only if it is asked for; in binary tensors and CSV nothing is
 * found.
 */
export const createRequestValues = (event: ApiGatewayEvent): RequestValues => {
  let body: Fields | undefined;
  return (source) => {
    if ('header' in source) return headerValues(event, source.header);
    body ??= bodyOf(event);
    if ('entity' in source) return textsOf(rowsOf(body).map(({ entities }) => entities[source.entity]));
    const column = columnOf(body, source.feature);
    return column.length > 0 ? textsOf(column) : textsOf(rowsOf(body).map(({ features }) => features[source.feature]));
  };
};
