import { hash } from 'node:crypto';
import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { StoredVersion, VersionEvidence } from '../../core/audit/index.ts';
import { LimitExceededError } from '../../kernel/errors.ts';
import { fromItem, type Item } from './attribute-value.ts';
import { decodeRecord } from './audit-items.ts';
import { recordKey, versionMarkerKey } from './audit-keys.ts';
import { nameHome, VERSION_PREFIX, versionKey } from './keys.ts';
import { call, getItem } from './table.ts';

/** What the audit log answers for in a version's item: all of it but notes, which anybody may write at any time. */
const GOVERNED = [
  'pk',
  'sk',
  'entityType',
  'schemaVersion',
  'model',
  'version',
  'runId',
  'trackingRunId',
  'status',
  'modelDigest',
  'artifactPrefix',
  'manifestDigest',
  'metrics',
  'trainedThroughMs',
  'datasetSnapshot',
  'registeredAtMs',
  'source',
  'storageLocation',
  'runLink',
  'modelId',
  'userId',
  'decidedBy',
  'decidedAtMs',
  'decisionReason',
  'origin',
  'submittedBy',
  'approvals',
  'decisionEvidence',
  'lifecycle',
  'lifecycleAtMs',
  'lifecycleBy',
  'lifecycleReason',
  'collectedAtMs',
] as const;

const NUMBER = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;

/** One text for a number however it is written, with all its digits: 0.50, 5E-1 and .5 are `5e-1`. */
const decimalText = (text: string): string => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
};

/** One text for a stored value. A value of another type is another text, even if it looks alike. */
const valueText = (value: AttributeValue | undefined): string => {
  const [[type, content] = ['none', '']] = Object.entries(value ?? {}) as readonly [string, unknown][];
  if (type === 'N') return `N:${decimalText(String(content))}`;
  if (type === 'L') return `L:[${(content as readonly AttributeValue[]).map(valueText).join()}]`;
  if (type !== 'M') return `${type}:${JSON.stringify(content)}`;
  const fields = Object.entries(content as Item).sort(([a], [b]) => (a < b ? -1 : 1));
  return `M:{${fields.map(([name, field]) => `${JSON.stringify(name)}:${valueText(field)}`).join()}}`;
};

/**
 * SHA-256, hex, of what is governed in a version's item as it is stored, to the last digit: two numbers that a program
 * would read as the same are told apart.
 */
export const versionItemDigest = (item: Item): string => {
  const governed = Object.fromEntries(GOVERNED.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
  return hash('sha256', valueText({ M: governed }));
};

/** A version's item with what the verifier compares: the log by its digest, its files by the digests that it holds. */
export interface StoredVersionItem extends StoredVersion {
  /** Absent for a version that has no package of ours, or whose files were collected, as its item says. */
  readonly package?: { readonly artifactPrefix: string; readonly manifestDigest: string; readonly modelDigest: string };
}

const MOST_VERSION_PAGES = 1_000;

/** Every version's item in a home, whatever stands in it. */
export const listStoredVersions = async (
  { client, registryTable }: { readonly client: DynamoDBClient; readonly registryTable: string },
  home: string,
): Promise<readonly StoredVersionItem[]> => {
  const found: StoredVersionItem[] = [];
  let from: Item | undefined;
  for (let page = 0; page < MOST_VERSION_PAGES; page += 1) {
    const { Items = [], LastEvaluatedKey } = await call(() =>
      client.send(
        new QueryCommand({
          TableName: registryTable,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: home }, ':prefix': { S: VERSION_PREFIX } },
          ConsistentRead: true,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      ),
    );
    found.push(...Items.map((item) => storedVersion(home, item)));
    if (LastEvaluatedKey === undefined) return found;
    from = LastEvaluatedKey;
  }
  throw new LimitExceededError(`more than ${MOST_VERSION_PAGES} pages of versions stand in ${home}`);
};

const storedVersion = (home: string, item: Item): StoredVersionItem => {
  const [prefix, manifest, model] = [item.artifactPrefix?.S, item.manifestDigest?.S, item.modelDigest?.S];
  const collected = item.collectedAtMs !== undefined;
  return {
    home,
    number: Number(item.sk?.S?.slice(VERSION_PREFIX.length)),
    itemDigest: versionItemDigest(item),
    registeredAtMs: Number(item.registeredAtMs?.N ?? Number.MAX_SAFE_INTEGER),
    ...(prefix === undefined || manifest === undefined || model === undefined || collected
      ? {}
      : { package: { artifactPrefix: prefix, manifestDigest: manifest, modelDigest: model } }),
  };
};

/**
 * A version of a pipeline's model with the newest record about it; undefined when no such version is registered.
 * The record is absent for a version from before the log.
 */
export const readVersionEvidence = async (
  tables: { readonly client: DynamoDBClient; readonly registryTable: string; readonly auditTable: string },
  model: string,
  number: number,
): Promise<VersionEvidence | undefined> => {
  const { client, registryTable, auditTable } = tables;
  const home = nameHome(model);
  const [item, marker] = await Promise.all([
    getItem(client, registryTable, versionKey(home, number)),
    getItem(client, auditTable, versionMarkerKey(home, number)),
  ]);
  if (item === undefined) return undefined;
  const { modelDigest, manifestDigest, artifactPrefix } = fromItem(item);
  const evidence = { home, number, modelDigest, manifestDigest, artifactPrefix, itemDigest: versionItemDigest(item) };
  if (marker === undefined) return evidence;
  const auditSeq = Number(fromItem(marker).seq);
  if (!Number.isSafeInteger(auditSeq) || auditSeq < 1) return { ...evidence, auditSeq: 0 };
  const record = await getItem(client, auditTable, recordKey(model, auditSeq));
  return { ...evidence, auditSeq, ...(record === undefined ? {} : { record: decodeRecord(record) }) };
};
