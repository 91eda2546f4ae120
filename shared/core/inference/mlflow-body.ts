import { InvalidRequestError, UnsupportedMediaTypeError } from '../../kernel/errors.ts';
import { shorten, showValue } from '../../kernel/show-value.ts';
import { readCsvRows } from './csv-rows.ts';
import { isObject, type JsonObject } from './infer-body.ts';
import type { InferenceRequest } from './inference-host.ts';
import { parseJson } from './lossless-json.ts';
import { mediaTypeOf, textOf } from './request-body.ts';

/**
 * What `POST /invocations` of MLflow's scoring server takes, before a model says what it makes of it:
 * https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally
 */
export type ScoringBody =
  /** Rows of named columns. `text`: cells are as they stood in CSV. */
  | {
      readonly kind: 'table';
      readonly columns: ReadonlyMap<string, readonly unknown[]>;
      readonly rowCount: number;
      readonly text: boolean;
    }
  /** Whole arrays by name, flat or nested. */
  | { readonly kind: 'tensors'; readonly byName: ReadonlyMap<string, unknown> }
  /** One array, without a name. */
  | { readonly kind: 'tensor'; readonly data: readonly unknown[] };

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;
type Form = (typeof FORMS)[number];

const requireList = (value: unknown, where: string): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw new InvalidRequestError(`${where} must be a list, got ${showValue(value)}`);
};

const requireRowLength = (row: readonly unknown[], width: number, where: string): void => {
  if (row.length !== width) throw new InvalidRequestError(`${where} has ${row.length} cells for ${width} columns`);
};

const tableOf = (names: readonly string[], rows: readonly (readonly unknown[])[], text: boolean): ScoringBody => {
  const columns = new Map(names.map((name, column) => [name, rows.map((row) => row[column])]));
  if (columns.size !== names.length) throw new InvalidRequestError('the columns repeat a name');
  return { kind: 'table', columns, rowCount: rows.length, text };
};

const readSplit = (value: unknown): ScoringBody => {
  if (!isObject(value)) {
    throw new InvalidRequestError(`dataframe_split must be an object {columns, data}, got ${showValue(value)}`);
  }
  const names = requireList(value.columns, 'dataframe_split.columns').map((name, i) => {
    if (typeof name === 'string') return name;
    throw new InvalidRequestError(`dataframe_split.columns[${i}] must be text, got ${showValue(name)}`);
  });
  const rows = requireList(value.data, 'dataframe_split.data').map((row, i) => {
    const where = `dataframe_split.data[${i}]`;
    const cells = requireList(row, where);
    requireRowLength(cells, names.length, where);
    return cells;
  });
  return tableOf(names, rows, false);
};

const objectsOf = (value: unknown, form: Form): readonly JsonObject[] =>
  requireList(value, form).map((row, i) => {
    if (isObject(row)) return row;
    throw new InvalidRequestError(`${form}[${i}] must be an object of values by name, got ${showValue(row)}`);
  });

/** Columns of all names that any record has; a record without one has null there. */
const columnsOf = (records: readonly JsonObject[]): ReadonlyMap<string, readonly unknown[]> => {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  return new Map(
    [...names].map((name) => [name, records.map((record) => (Object.hasOwn(record, name) ? record[name] : null))]),
  );
};

/** Each record brings its own key beside the others' columns: bounded, or few bytes would make many cells. */
const MAX_CELLS = 4_194_304;

const readRecords = (records: readonly JsonObject[], form: Form): ReadonlyMap<string, readonly unknown[]> => {
  const names = new Set<string>();
  for (const record of records) {
    for (const name of Object.keys(record)) names.add(name);
    if (names.size * records.length > MAX_CELLS) {
      throw new InvalidRequestError(`${form} has more than ${MAX_CELLS} cells: its records differ in their names`);
    }
  }
  return columnsOf(records);
};

const readInstances = (value: unknown): ScoringBody => {
  const instances = requireList(value, 'instances');
  if (!isObject(instances[0])) return { kind: 'tensor', data: instances };
  const byName = readRecords(objectsOf(instances, 'instances'), 'instances');
  return { kind: 'tensors', byName };
};

const readInputs = (value: unknown): ScoringBody => {
  if (Array.isArray(value)) return { kind: 'tensor', data: value };
  if (isObject(value)) return { kind: 'tensors', byName: new Map(Object.entries(value)) };
  throw new InvalidRequestError(`inputs must be a list, or an object of lists by name, got ${showValue(value)}`);
};

const READERS: Readonly<Record<Form, (value: unknown) => ScoringBody>> = {
  dataframe_split: readSplit,
  dataframe_records: (value) => {
    const records = objectsOf(value, 'dataframe_records');
    const columns = readRecords(records, 'dataframe_records');
    return { kind: 'table', columns, rowCount: records.length, text: false };
  },
  instances: readInstances,
  inputs: readInputs,
};

const readJson = (json: unknown): ScoringBody => {
  const forms = isObject(json) ? FORMS.filter((form) => Object.hasOwn(json, form)) : [];
  const [form] = forms;
  if (!isObject(json) || form === undefined || forms.length > 1) {
    const got = isObject(json) ? (forms.length > 1 ? forms.join(' and ') : 'none of them') : showValue(json);
    throw new InvalidRequestError(`the body must be a JSON object with exactly one of ${FORMS.join(', ')}, got ${got}`);
  }
  const { params } = json;
  if (params !== undefined && !(isObject(params) && Object.keys(params).length === 0)) {
    throw new InvalidRequestError(`params must be left out: the model takes none, got ${showValue(params)}`);
  }
  return READERS[form](json[form]);
};

const readCsv = (text: string): ScoringBody => {
  const [names, ...rows] = readCsvRows(text.startsWith('\ufeff') ? text.slice(1) : text);
  if (names === undefined) throw new InvalidRequestError('the CSV must have a header, got no line');
  for (const [i, row] of rows.entries()) requireRowLength(row, names.length, `row ${i} of the CSV`);
  return tableOf(names, rows, true);
};

/** MLflow's server reads UTF-8, and no other parameter of the type than that. */
const checkParameters = (contentType: string): void => {
  for (const parameter of contentType.split(';').slice(1)) {
    const [key = '', value = ''] = parameter.split('=').map((part) => part.trim().toLowerCase());
    if (key === 'charset' && (value === 'utf-8' || value === '"utf-8"')) continue;
    if (key === 'header' && value === 'present') continue;
    throw new UnsupportedMediaTypeError(
      `content-type may have the parameter charset=utf-8 alone, got ${showValue(parameter.trim())}`,
    );
  }
};

/**
 * @param wide whether integers of all sizes keep their digits.
 * @throws InvalidRequestError, UnsupportedMediaTypeError
 */
export const readScoringBody = (request: InferenceRequest, wide: boolean): ScoringBody => {
  const contentType = request.header('content-type');
  const mediaType = mediaTypeOf(contentType) ?? 'application/json';
  if (mediaType !== 'text/csv' && mediaType !== 'application/json') {
    throw new UnsupportedMediaTypeError(`content-type must be application/json or text/csv, got ${shorten(mediaType)}`);
  }
  if (contentType?.includes(';')) checkParameters(contentType);
  const text = textOf(request.body);
  return mediaType === 'text/csv' ? readCsv(text) : readJson(text === '' ? {} : parseJson(text, wide));
};
