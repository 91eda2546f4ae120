import { createHash } from 'node:crypto';
import type { StoredVersionItem } from '../../shared/adapters/dynamodb/stored-versions.ts';
import { MANIFEST_FILE, type Manifest, ManifestSchema, MODEL_FILE } from '../../shared/contracts/artifacts.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import {
  type AuditFinding,
  type AuditRecord,
  type StoredRecord,
  verifyChain,
  verifyVersions,
} from '../../shared/core/audit/index.ts';
import { isPlatformError, LimitExceededError, NotFoundError, UnavailableError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { AuditReader, StoredHead } from '../../shared/ports/audit-log.ts';
import type { SealedHeads } from './read-sealed-heads.ts';

/** Holds a stage's audit log against itself, and its model versions against the log. */

export interface AuditSources {
  readonly log: AuditReader;
  readonly sealed: () => Promise<SealedHeads>;
  readonly listVersions: (home: string) => Promise<readonly StoredVersionItem[]>;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  /** Names of the models that the registry knows, with or without a chain. */
  readonly listModels: () => Promise<readonly string[]>;
}

export interface ChainVerdict {
  readonly model: string;
  readonly recordCount: number;
  readonly versionCount: number;
  readonly fileCount: number;
  readonly sealedCount: number;
  readonly findings: readonly AuditFinding[];
}

const PAGE = 100;
const MOST_PAGES = 100_000;
const READ_ATTEMPTS = 5;

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** All records of a chain, a page at a time. */
export async function* readRecords(log: AuditReader, model: string): AsyncGenerator<StoredRecord> {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, nextCursor } = await log.listRecords(model, PAGE, cursor);
    yield* items;
    cursor = nextCursor;
    if (cursor === undefined) return;
  }
  throw new LimitExceededError(`the chain of ${model} has more than ${PAGE * MOST_PAGES} records`);
}

export const readHeads = async (log: AuditReader): Promise<readonly StoredHead[]> => {
  const heads: StoredHead[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, nextCursor } = await log.listHeads(PAGE, cursor);
    heads.push(...items);
    cursor = nextCursor;
    if (cursor === undefined) return heads;
  }
  throw new LimitExceededError(`there are more than ${PAGE * MOST_PAGES} chains`);
};

/** What stands of a model under its name or where its records say; of a home that models may share, what they name. */
const versionsOf = async (
  { listVersions }: AuditSources,
  model: string,
  records: readonly AuditRecord[],
): Promise<readonly StoredVersionItem[]> => {
  const own = `model#${model}`;
  const said = records.flatMap(({ version }) => (version === undefined ? [] : [version]));
  const named = new Set(said.map(({ home, number }) => `${home} ${number}`));
  const homes = new Set([own, ...said.map(({ home }) => home)]);
  const lists = await Promise.all([...homes].map(listVersions));
  return lists.flat().filter(({ home, number }) => home === own || named.has(`${home} ${number}`));
};

/** Chain and versions as they stood together: read again when a record came in between. */
const readChain = async (sources: AuditSources, model: string) => {
  const { log } = sources;
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt += 1) {
    const head = await log.getHead(model);
    const records: StoredRecord[] = [];
    for await (const record of readRecords(log, model)) records.push(record);
    const versions = await versionsOf(
      sources,
      model,
      records.flatMap(({ record }) => (record === undefined ? [] : [record])),
    );
    if (JSON.stringify(head) === JSON.stringify(await log.getHead(model))) return { head, records, versions };
  }
  throw new UnavailableError(`the audit log of ${model} grew in each of ${READ_ATTEMPTS} attempts to read it`);
};

type Report = (problem: 'changed' | 'removed', message: string) => void;

/** The bytes, unless they are missing, which is reported. */
const fetched = async (artifacts: AuditSources['artifacts'], key: string, report: Report, what: string) => {
  try {
    return await artifacts.get(key);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    report('removed', `${what} is missing (${key})`);
    return undefined;
  }
};

const readManifest = (bytes: Uint8Array): Manifest | undefined => {
  try {
    return parseJsonFile(ManifestSchema, bytes, MANIFEST_FILE);
  } catch (error) {
    if (isPlatformError(error)) return undefined;
    throw error;
  }
};

/** @returns how many files were looked at. */
const verifyPackage = async (
  { artifacts }: AuditSources,
  { number, package: stored }: StoredVersionItem,
  report: Report,
): Promise<number> => {
  if (stored === undefined) return 0;
  const { artifactPrefix, manifestDigest, modelDigest } = stored;
  const nameOf = (file: string): string => `${file} of version ${number}`;
  const bytes = await fetched(artifacts, `${artifactPrefix}${MANIFEST_FILE}`, report, nameOf(MANIFEST_FILE));
  if (bytes === undefined) return 1;
  if (sha256(bytes) !== manifestDigest) {
    report('changed', `${nameOf(MANIFEST_FILE)} was changed: its digest is not that of the version`);
  }
  const manifest = readManifest(bytes);
  if (manifest === undefined) return 1;
  if (manifest.files[MODEL_FILE]?.sha256 !== modelDigest) {
    report('changed', `${nameOf(MANIFEST_FILE)} names ${MODEL_FILE} by another digest than the version`);
  }
  const files = Object.entries(manifest.files);
  for (const [file, { sha256: expected }] of files) {
    const content = await fetched(artifacts, `${artifactPrefix}${file}`, report, nameOf(file));
    if (content !== undefined && sha256(content) !== expected) {
      report('changed', `${nameOf(file)} was changed: its digest is not that of the manifest`);
    }
  }
  return files.length + 1;
};

export const verifyModel = async (sources: AuditSources, model: string, sealed: SealedHeads): Promise<ChainVerdict> => {
  const { head, records, versions } = await readChain(sources, model);
  const sealedHeads = sealed.heads.filter((one) => one.model === model);
  const whole = records.flatMap(({ record }) => (record === undefined ? [] : [record]));
  const findings = [
    ...verifyChain({ model, records, head, sealedHeads }, sha256),
    ...verifyVersions(model, versions, whole),
    ...sealed.findings.filter((one) => one.model === model),
  ];
  let fileCount = 0;
  for (const version of versions) {
    fileCount += await verifyPackage(sources, version, (problem, message) =>
      findings.push({ model, problem, message }),
    );
  }
  const counts = { recordCount: records.length, versionCount: versions.length, sealedCount: sealedHeads.length };
  return { model, ...counts, fileCount, findings };
};

/** Every chain that anything speaks of: its head, a sealed head, or a model of the registry. */
export async function* verifyStage(sources: AuditSources): AsyncGenerator<ChainVerdict> {
  const sealed = await sources.sealed();
  const heads = await readHeads(sources.log);
  const names = [...heads, ...sealed.heads, ...sealed.findings].map(({ model }) => model);
  for (const model of [...new Set([...names, ...(await sources.listModels())])].toSorted()) {
    yield await verifyModel(sources, model, sealed);
  }
}
