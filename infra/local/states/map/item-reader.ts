import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { ItemReader } from '../definition/types.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import { evaluateNumber, evaluateTemplate } from '../query/evaluate.ts';
import { queryScope, type Visit } from '../run/frame.ts';
import { parseCsv } from './csv.ts';
import { itemsIn, type MapItem } from './map-item.ts';
import { bodyBytes } from './object-body.ts';
import { readParquet } from './read-parquet.ts';

type Config = NonNullable<ItemReader['ReaderConfig']>;

const ITEM_LIMIT = 100_000_000;
/** Pages of a listing: AWS gives 1,000 keys each. */
const PAGE_LIMIT = 100_000;
const DELIMITERS = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' } as const;

const fail = (cause: string): StateFailure => new StateFailure('States.ItemReaderFailed', cause);

const listObjects = async (visit: Visit, parameters: JsonValue, limit: number): Promise<readonly JsonValue[]> => {
  const { ports, execution } = visit.frame.runtime;
  const items: JsonValue[] = [];
  let token: unknown;
  for (let page = 0; page < PAGE_LIMIT && items.length < limit; page += 1) {
    const request = { ...(parameters as object), ...(token === undefined ? {} : { ContinuationToken: token }) };
    const answer = (await ports.call('s3', 'ListObjectsV2', request, execution.roleArn)) as {
      Contents?: readonly Record<string, unknown>[];
      NextContinuationToken?: string;
    };
    for (const object of answer.Contents ?? []) {
      const modifiedMs = new Date(object.LastModified as string).getTime();
      items.push({
        Etag: String(object.ETag ?? ''),
        Key: String(object.Key ?? ''),
        LastModified: Math.floor(modifiedMs / 1000),
        Size: Number(object.Size ?? 0),
        StorageClass: String(object.StorageClass ?? 'STANDARD'),
      });
    }
    token = answer.NextContinuationToken;
    if (token === undefined) break;
  }
  return items;
};

const pointed = (document: JsonValue, pointer: string): JsonValue => {
  let value: JsonValue = document;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replace(/~1/g, '/').replace(/~0/g, '~');
    const inner: JsonValue | undefined = (value as Record<string, JsonValue> | null)?.[key];
    if (inner === undefined) throw fail(`ItemsPointer ${pointer} points to nothing.`);
    value = inner;
  }
  return value;
};

const readJson = (text: string, config: Config, source: string): readonly MapItem[] => {
  const document = JSON.parse(text) as JsonValue;
  const items = itemsIn(config.ItemsPointer === undefined ? document : pointed(document, config.ItemsPointer), source);
  if (items) return items;
  throw fail('The JSON file must hold an array or an object.');
};

const readJsonLines = (text: string): readonly JsonValue[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as JsonValue);

const readCsv = (text: string, config: Config): readonly JsonValue[] => {
  const delimiter = DELIMITERS[(config.CSVDelimiter ?? 'COMMA') as keyof typeof DELIMITERS];
  const rows = parseCsv(text, delimiter);
  const given = config.CSVHeaderLocation === 'GIVEN';
  const headers = given ? (config.CSVHeaders ?? []) : (rows[0] ?? []);
  return rows.slice(given ? 0 : 1).map((row, i) => {
    if (row.length > headers.length) throw fail(`Row ${i + 1} has ${row.length} fields, the header ${headers.length}.`);
    return Object.fromEntries(headers.map((header, column) => [header, row[column] ?? '']));
  });
};

interface Reading {
  readonly visit: Visit;
  readonly config: Config;
  readonly limit: number;
}

const readObject = async (
  { visit, config, limit }: Reading,
  parameters: Readonly<Record<string, JsonValue>>,
): Promise<readonly MapItem[]> => {
  const { ports, execution } = visit.frame.runtime;
  const source = `s3://${String(parameters.Bucket)}/${String(parameters.Key)}`;
  const answer = (await ports.call('s3', 'GetObject', parameters, execution.roleArn)) as { Body?: unknown };
  const bytes = await bodyBytes(answer.Body);
  const sourced = (values: readonly JsonValue[]): readonly MapItem[] => values.map((value) => ({ value, source }));
  switch (config.InputType) {
    case 'PARQUET':
      return sourced(await readParquet(bytes, limit));
    case 'CSV':
      return sourced(readCsv(bytes.toString('utf8'), config));
    case 'JSONL':
      return sourced(readJsonLines(bytes.toString('utf8')));
    default:
      return readJson(bytes.toString('utf8'), config, source);
  }
};

/** The items inside the objects of a listing, one object after the other. */
const readListed = async (
  reading: Reading,
  parameters: Readonly<Record<string, JsonValue>>,
): Promise<readonly MapItem[]> => {
  const { visit, limit } = reading;
  const items: MapItem[] = [];
  for (const object of await listObjects(visit, parameters, ITEM_LIMIT)) {
    if (items.length >= limit) break;
    const Key = (object as Readonly<Record<string, JsonValue>>).Key ?? '';
    // A folder's marker holds nothing.
    if (String(Key).endsWith('/')) continue;
    const { Bucket = '' } = parameters;
    items.push(...(await readObject({ ...reading, limit: limit - items.length }, { Bucket, Key })));
  }
  return items;
};

const readFrom = async (
  reader: ItemReader,
  reading: Reading,
  parameters: Readonly<Record<string, JsonValue>>,
): Promise<readonly MapItem[]> => {
  if (!reader.Resource.endsWith(':listObjectsV2')) return readObject(reading, parameters);
  if (reading.config.Transformation === 'LOAD_AND_FLATTEN') return readListed(reading, parameters);
  const source = `s3://${String(parameters.Bucket)}`;
  return (await listObjects(reading.visit, parameters, reading.limit)).map((value) => ({ value, source }));
};

/**
 * The items that an ItemReader finds in S3.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 * @throws StateFailure States.ItemReaderFailed
 */
export const readItems = async (reader: ItemReader, visit: Visit): Promise<readonly MapItem[]> => {
  const scope = queryScope(visit);
  const config = reader.ReaderConfig ?? {};
  const bounds = { min: 1, max: ITEM_LIMIT };
  const limit =
    config.MaxItems === undefined
      ? ITEM_LIMIT
      : await evaluateNumber(config.MaxItems, 'ItemReader/ReaderConfig/MaxItems', scope, bounds);
  const parameters = await evaluateTemplate(reader.Arguments, 'ItemReader/Arguments', scope);
  if (parameters === null || typeof parameters !== 'object' || Array.isArray(parameters)) {
    throw fail('The arguments of an ItemReader must be an object.');
  }
  try {
    const given = parameters as Readonly<Record<string, JsonValue>>;
    return (await visit.frame.strand.work(readFrom(reader, { visit, config, limit }, given))).slice(0, limit);
  } catch (error) {
    if (error instanceof StateFailure || error instanceof Cancelled) throw error;
    throw fail(error instanceof Error ? error.message : String(error));
  }
};
