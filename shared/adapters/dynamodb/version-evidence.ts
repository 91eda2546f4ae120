import { hash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { VersionEvidence } from '../../core/audit/index.ts';
import { fromItem, type Item } from './attribute-value.ts';
import { decodeRecord } from './audit-items.ts';
import { recordKey, versionMarkerKey } from './audit-keys.ts';
import { type Key, modelKey, nameHome, versionKey } from './keys.ts';

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

/** A consistent read, by whichever client: functions that must start fast have another than the SDK's. */
export type ReadItem = (table: string, key: Key) => Promise<Item | undefined>;

interface EvidenceTables {
  readonly readItem: ReadItem;
  readonly registryTable: string;
  readonly auditTable: string;
}

interface FoundItems {
  readonly home: string;
  readonly item: Item | undefined;
  /** Where the newest record about it stands. */
  readonly marker: Item | undefined;
}

/** Under the model's name first: there a pipeline's versions are, unless a client created their model. */
const findItems = async (tables: EvidenceTables, model: string, number: number): Promise<FoundItems> => {
  const { readItem, registryTable, auditTable } = tables;
  const readFrom = async (home: string): Promise<FoundItems> => {
    const [item, marker] = await Promise.all([
      readItem(registryTable, versionKey(home, number)),
      readItem(auditTable, versionMarkerKey(home, number)),
    ]);
    return { home, item, marker };
  };
  const own = await readFrom(nameHome(model));
  if (own.item !== undefined) return own;
  const home = (await readItem(registryTable, modelKey(model)))?.home?.S;
  return home === undefined ? own : readFrom(home);
};

/**
 * A version with a package, with the newest record about it; undefined when no such version is registered.
 * The record is absent for a version from before the log.
 */
export const readVersionEvidence = async (
  tables: EvidenceTables,
  model: string,
  number: number,
): Promise<VersionEvidence | undefined> => {
  const { readItem, auditTable } = tables;
  const { home, item, marker } = await findItems(tables, model, number);
  if (item === undefined) return undefined;
  const { modelDigest, manifestDigest, artifactPrefix } = fromItem(item);
  const evidence = { home, number, modelDigest, manifestDigest, artifactPrefix, itemDigest: versionItemDigest(item) };
  if (marker === undefined) return evidence;
  const auditSeq = Number(fromItem(marker).seq);
  if (!Number.isSafeInteger(auditSeq) || auditSeq < 1) return { ...evidence, auditSeq: 0 };
  const record = await readItem(auditTable, recordKey(model, auditSeq));
  return { ...evidence, auditSeq, ...(record === undefined ? {} : { record: decodeRecord(record) }) };
};
