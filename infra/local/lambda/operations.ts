import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../contracts.ts';
import { isUpdating, isVersion } from './function-store.ts';
import { poolKey } from './invocation.ts';
import type { LambdaState } from './lambda-state.ts';
import { type AliasRecord, type FunctionRecord, type FunctionSettings, LATEST, type VersionRecord } from './records.ts';

/** What changes functions, versions and aliases: used by the API and by the deployer alike. */

const user = (code: string, message: string, status: number): AwsError =>
  new AwsError(code, message, status, { Type: 'User' });

/** For so long an update is in progress. AWS takes a second or two for a function without a network of its own. */
const UPDATE_MS = 1_000;

const checkRevision = (given: string | undefined, actual: string): void => {
  if (given !== undefined && given !== actual) {
    throw user(
      'PreconditionFailedException',
      'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
      412,
    );
  }
};

const checkNotUpdating = ({ store, context }: LambdaState, name: string): void => {
  if (!isUpdating(store.getFunction(name).update, context.clock.nowMs())) return;
  throw user(
    'ResourceConflictException',
    `The operation cannot be performed at this time. An update is in progress for resource: ${store.functionArn(name)}`,
    409,
  );
};

/** Stops the environments of settings that are no longer in effect. */
const retireOld = ({ store, pool }: LambdaState, name: string): void => {
  const revisionId = store.functions.get(name)?.revisionId ?? '';
  pool.retire((key) => key.startsWith(`${name}/${LATEST}/`) && !key.endsWith(revisionId));
};

/**
 * Changes `$LATEST`. The change is in progress for a moment, in which the function runs as it was and neither another
 * update nor publishing is possible.
 */
export const updateLatest = (
  state: LambdaState,
  name: string,
  change: Partial<FunctionSettings>,
  { revisionId, takesMs = UPDATE_MS }: { readonly revisionId?: string | undefined; readonly takesMs?: number } = {},
): FunctionRecord => {
  const { store } = state;
  const { clock, ids } = state.context;
  const current = store.getFunction(name);
  checkRevision(revisionId, current.revisionId);
  checkNotUpdating(state, name);
  const nowMs = clock.nowMs();
  const { settings, lastModifiedMs } = current;
  const inEffectAtMs = nowMs + takesMs;
  const updated: FunctionRecord = {
    ...current,
    settings: { ...settings, ...change },
    revisionId: ids.uuid(),
    lastModifiedMs: nowMs,
    update: { inEffectAtMs, before: { settings, revisionId: current.revisionId, lastModifiedMs } },
  };
  store.functions.put(name, updated);
  if (takesMs === 0) retireOld(state, name);
  else clock.at(inEffectAtMs, `update of function ${name}`, () => retireOld(state, name));
  return updated;
};

/** Brings an update that is in progress into effect at once: a deployment waits for it, and takes no time here. */
export const finishUpdate = (state: LambdaState, name: string): void => {
  const { update, ...settled } = state.store.getFunction(name);
  if (update === undefined) return;
  state.store.functions.put(name, settled);
  retireOld(state, name);
};

/** Publishes `$LATEST`; without a change since the newest version it gives that one again. */
export const publishVersion = (
  state: LambdaState,
  name: string,
  given: {
    readonly revisionId?: string | undefined;
    readonly codeSha256?: string | undefined;
    readonly description?: string | undefined;
  } = {},
): VersionRecord => {
  const { store } = state;
  const current = store.getFunction(name);
  checkRevision(given.revisionId, current.revisionId);
  const { sha256 } = current.settings.code;
  if (given.codeSha256 !== undefined && given.codeSha256 !== sha256) {
    throw user(
      'InvalidParameterValueException',
      `CodeSHA256 (${given.codeSha256}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      400,
    );
  }
  checkNotUpdating(state, name);
  const settings = { ...current.settings, description: given.description ?? current.settings.description };
  const newest = store.versions(name).at(-1);
  const unchanged =
    newest?.version === String(current.lastVersion) &&
    isDeepStrictEqual({ ...newest.settings, description: '' }, { ...current.settings, description: '' });
  if (newest !== undefined && unchanged) return newest;
  const version: VersionRecord = {
    functionName: name,
    version: String(current.lastVersion + 1),
    settings,
    revisionId: state.context.ids.uuid(),
    lastModifiedMs: state.context.clock.nowMs(),
  };
  state.context.store.transaction(() => {
    store.functions.put(name, { ...current, lastVersion: current.lastVersion + 1 });
    store.putVersion(version);
  });
  return version;
};

const aliasesOf = (state: LambdaState, name: string, version: string): readonly string[] =>
  state.store
    .aliases(name)
    .filter(({ functionVersion, routing }) => functionVersion === version || Object.hasOwn(routing, version))
    .map((alias) => alias.name);

/** Deletes a version that no alias points to. */
export const deleteVersion = (state: LambdaState, name: string, version: string): void => {
  const record = state.store.getVersion(name, version);
  if (version === LATEST) {
    throw user(
      'InvalidParameterValueException',
      '$LATEST version cannot be deleted without deleting the function.',
      400,
    );
  }
  const aliases = aliasesOf(state, name, version);
  if (aliases.length > 0) {
    throw user(
      'ResourceConflictException',
      `Function version is referenced by the following aliases: [${aliases.join(', ')}]: ${state.store.functionArn(name, version)}`,
      409,
    );
  }
  state.store.deleteVersion(name, version);
  state.pool.retire((key) => key === poolKey(record));
};

/** Deletes a function with its versions, aliases and settings. */
export const deleteFunction = (state: LambdaState, name: string): void => {
  const { store } = state;
  store.getFunction(name);
  state.context.store.transaction(() => {
    state.concurrency.reserve(name, undefined);
    for (const alias of store.aliases(name)) store.deleteAlias(name, alias.name);
    for (const { version } of store.versions(name)) store.deleteVersion(name, version);
    for (const [key] of store.invokeConfigs.entries(`${name}/`)) store.invokeConfigs.delete(key);
    store.functions.delete(name);
  });
  state.pool.retire((key) => key.startsWith(`${name}/`));
};

const checkRouting = (state: LambdaState, alias: AliasRecord): void => {
  const routed = Object.entries(alias.routing);
  state.store.getVersion(alias.functionName, alias.functionVersion);
  if (routed.length === 0) return;
  const refuse = (message: string): AwsError => user('InvalidParameterValueException', message, 400);
  if (routed.length > 1) throw refuse('an alias can route to one additional version at most');
  if (alias.functionVersion === LATEST) throw refuse('an alias that points to $LATEST cannot route to another version');
  for (const [version, weight] of routed) {
    if (!(weight >= 0 && weight <= 1))
      throw refuse(`the weight of version ${version} must be in [0, 1], got ${weight}`);
    if (version === LATEST || version === alias.functionVersion) {
      throw refuse(`an alias cannot route additionally to ${version}: it must be another published version`);
    }
    const added = state.store.getVersion(alias.functionName, version).settings;
    const first = state.store.getVersion(alias.functionName, alias.functionVersion).settings;
    if (added.role !== first.role || added.deadLetterArn !== first.deadLetterArn) {
      throw refuse('the versions of a weighted alias must have the same role and dead-letter configuration');
    }
  }
};

export const createAlias = (state: LambdaState, alias: Omit<AliasRecord, 'revisionId'>): AliasRecord => {
  if (state.store.findAlias(alias.functionName, alias.name)) {
    const arn = state.store.functionArn(alias.functionName, alias.name);
    throw user('ResourceConflictException', `Alias already exists: ${arn}`, 409);
  }
  if (!/^[a-zA-Z0-9-_]{1,128}$/.test(alias.name) || isVersion(alias.name)) {
    throw user(
      'ValidationException',
      `an alias must be named by letters, digits, - and _ and not be a number, got ${alias.name}`,
      400,
    );
  }
  const created: AliasRecord = { ...alias, revisionId: state.context.ids.uuid() };
  checkRouting(state, created);
  state.store.putAlias(created);
  return created;
};

export const updateAlias = (
  state: LambdaState,
  name: string,
  aliasName: string,
  change: Partial<Pick<AliasRecord, 'functionVersion' | 'description' | 'routing'>>,
  revisionId?: string,
): AliasRecord => {
  const current = state.store.getAlias(name, aliasName);
  checkRevision(revisionId, current.revisionId);
  const updated: AliasRecord = { ...current, ...change, revisionId: state.context.ids.uuid() };
  checkRouting(state, updated);
  state.store.putAlias(updated);
  return updated;
};
