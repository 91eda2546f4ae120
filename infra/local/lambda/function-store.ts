import { AwsError, type CloudIdentity, type DocumentTable, type StateStore } from '../contracts.ts';
import {
  type AliasRecord,
  type EventInvokeConfig,
  type FunctionRecord,
  type FunctionUpdate,
  LATEST,
  type VersionRecord,
} from './records.ts';

export interface FunctionReference {
  readonly name: string;
  readonly qualifier?: string;
}

export interface FunctionStore {
  readonly functions: DocumentTable<FunctionRecord>;
  readonly invokeConfigs: DocumentTable<EventInvokeConfig>;
  readonly layers: DocumentTable<{ readonly version: number; readonly digest: string }>;
  /** @throws AwsError ResourceNotFoundException */
  getFunction(name: string): FunctionRecord;
  /** A published version, or the function's newest settings for `$LATEST`. @throws AwsError ResourceNotFoundException */
  getVersion(name: string, version: string): VersionRecord;
  /**
   * The version as invocations see it: while an update of `$LATEST` is in progress, still the settings before it.
   * @throws AwsError ResourceNotFoundException
   */
  getRunning(name: string, version: string, nowMs: number): VersionRecord;
  putVersion(record: VersionRecord): void;
  deleteVersion(name: string, version: string): void;
  /** Published versions, oldest first. */
  versions(name: string): readonly VersionRecord[];
  findAlias(name: string, alias: string): AliasRecord | undefined;
  /** @throws AwsError ResourceNotFoundException */
  getAlias(name: string, alias: string): AliasRecord;
  putAlias(record: AliasRecord): void;
  deleteAlias(name: string, alias: string): void;
  aliases(name: string): readonly AliasRecord[];
  functionArn(name: string, qualifier?: string): string;
}

const VERSION_DIGITS = 10;
const NAME = /^[a-zA-Z0-9-_]{1,64}$/;

const notFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404, { Type: 'User' });

const pending = (): AwsError =>
  new AwsError(
    'ResourceConflictException',
    'The operation cannot be performed at this time. The function is currently in the following state: Pending',
    409,
    { Type: 'User' },
  );

/** Name and qualifier from a name, a partial ARN or an ARN. @throws AwsError ValidationException */
export const parseFunctionReference = (text: string, qualifier?: string | null): FunctionReference => {
  const parts = text.split(':');
  const start = parts.lastIndexOf('function') + 1;
  const [name = '', embedded] = parts.slice(start);
  if (!NAME.test(name)) {
    throw new AwsError(
      'ValidationException',
      `function name must be a name or an ARN of at most 64 letters, digits, - and _, got ${text}`,
    );
  }
  const chosen = embedded ?? qualifier ?? undefined;
  return chosen === undefined ? { name } : { name, qualifier: chosen };
};

export const isVersion = (qualifier: string): boolean => qualifier === LATEST || /^\d+$/.test(qualifier);

export const isUpdating = (update: FunctionUpdate | undefined, nowMs: number): update is FunctionUpdate =>
  update !== undefined && nowMs < update.inEffectAtMs;

export const createFunctionStore = (
  store: StateStore,
  { partition, region, accountId }: CloudIdentity,
): FunctionStore => {
  const functions = store.table<FunctionRecord>('lambda-functions');
  const versions = store.table<VersionRecord>('lambda-versions');
  const aliases = store.table<AliasRecord>('lambda-aliases');
  const versionKey = (name: string, version: string): string => `${name}/${version.padStart(VERSION_DIGITS, '0')}`;
  const functionArn = (name: string, qualifier?: string): string => {
    const arn = `arn:${partition}:lambda:${region}:${accountId}:function:${name}`;
    return qualifier === undefined ? arn : `${arn}:${qualifier}`;
  };
  const getFunction = (name: string): FunctionRecord => {
    const found = functions.get(name);
    if (found === undefined) throw notFound(functionArn(name));
    return found;
  };

  const getVersion = (name: string, version: string): VersionRecord => {
    if (version === LATEST) {
      const { settings, revisionId, lastModifiedMs } = getFunction(name);
      return { functionName: name, version, settings, revisionId, lastModifiedMs };
    }
    const found = versions.get(versionKey(name, version));
    if (found === undefined) throw notFound(functionArn(name, version));
    return found;
  };

  return {
    functions,
    invokeConfigs: store.table('lambda-event-invoke-configs'),
    layers: store.table('lambda-layers'),
    functionArn,
    getFunction,
    getVersion,
    getRunning: (name, version, nowMs) => {
      if (version !== LATEST) return getVersion(name, version);
      const { activeAtMs = 0, update, settings, revisionId, lastModifiedMs } = getFunction(name);
      if (nowMs < activeAtMs) throw pending();
      const inEffect = { settings, revisionId, lastModifiedMs };
      return { functionName: name, version, ...(isUpdating(update, nowMs) ? update.before : inEffect) };
    },
    putVersion: (record) => versions.put(versionKey(record.functionName, record.version), record),
    deleteVersion: (name, version) => versions.delete(versionKey(name, version)),
    versions: (name) => versions.entries(`${name}/`).map(([, record]) => record),
    findAlias: (name, alias) => aliases.get(`${name}/${alias}`),
    getAlias: (name, alias) => {
      const found = aliases.get(`${name}/${alias}`);
      if (found === undefined) throw notFound(functionArn(name, alias));
      return found;
    },
    putAlias: (record) => aliases.put(`${record.functionName}/${record.name}`, record),
    deleteAlias: (name, alias) => aliases.delete(`${name}/${alias}`),
    aliases: (name) => aliases.entries(`${name}/`).map(([, record]) => record),
  };
};
