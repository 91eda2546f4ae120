import { AwsError, type ServiceContext } from '../contracts.ts';
import { requireMachineRole } from './access.ts';
import type { Definition } from './definition/types.ts';
import { definitionMessage, validateDefinition } from './definition/validate.ts';
import type { Executions } from './executions.ts';
import { definitionKey, type LoggingConfiguration, type StateMachineRecord, type StatesTables } from './records.ts';

export interface MachineSettings {
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly logging: LoggingConfiguration;
  readonly tracingEnabled: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** State machines by ARN, and every text their definitions ever had. */
export interface Machines {
  /** The same settings again return what stands. @throws AwsError StateMachineAlreadyExists, InvalidDefinition … */
  create(settings: MachineSettings): StateMachineRecord;
  update(arn: string, change: Partial<Omit<MachineSettings, 'name'>>): StateMachineRecord;
  /** Ends what runs. Deleting what is not there is fine, as on AWS. */
  delete(arn: string): void;
  /** @throws AwsError StateMachineDoesNotExist */
  get(arn: string): StateMachineRecord;
  definitionText(record: Pick<StateMachineRecord, 'arn' | 'revisionId'>): string;
  arnOf(name: string): string;
}

interface MachinesDeps {
  readonly context: ServiceContext;
  readonly tables: StatesTables;
  readonly executions: Executions;
  readonly newId: () => string;
}

const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

export const checkName = (name: string): void => {
  if (!NAME.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
};

/** @throws AwsError InvalidDefinition */
const checkDefinition = (text: string): Definition => {
  const { definition, diagnostics } = validateDefinition(text);
  if (!definition) throw new AwsError('InvalidDefinition', definitionMessage(diagnostics));
  return definition;
};

const checkRole = (roleArn: string): void => {
  if (!/^arn:aws:iam::\d{12}:role\/.+$/.test(roleArn)) {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${roleArn}'`);
  }
};

const checkLogging = ({ level, destinations }: LoggingConfiguration): void => {
  if (level === undefined || level === 'OFF') return;
  if (destinations?.length !== 1) {
    throw new AwsError('InvalidLoggingConfiguration', 'logging other than OFF needs exactly one log group');
  }
};

const sameSettings = (deps: MachinesDeps, record: StateMachineRecord, settings: MachineSettings): boolean =>
  record.roleArn === settings.roleArn &&
  record.tracingEnabled === settings.tracingEnabled &&
  JSON.stringify(record.logging) === JSON.stringify(settings.logging) &&
  deps.tables.definitions.get(definitionKey(record.arn, record.revisionId)) === settings.definition;

const createMachine = (deps: MachinesDeps, arn: string, settings: MachineSettings): StateMachineRecord => {
  const { context, tables, newId } = deps;
  checkName(settings.name);
  checkRole(settings.roleArn);
  checkLogging(settings.logging);
  checkDefinition(settings.definition);
  requireMachineRole(context, { ...settings, arn });
  const known = tables.machines.get(arn);
  if (known) {
    if (sameSettings(deps, known, settings)) return known;
    throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
  }
  const nowMs = context.clock.nowMs();
  const { name, roleArn, logging, tracingEnabled, tags } = settings;
  const record: StateMachineRecord = {
    arn,
    name,
    roleArn,
    logging,
    tracingEnabled,
    tags,
    createdMs: nowMs,
    updatedMs: nowMs,
    revisionId: newId(),
  };
  context.store.transaction(() => {
    tables.definitions.put(definitionKey(arn, record.revisionId), settings.definition);
    tables.machines.put(arn, record);
  });
  return record;
};

const updateMachine = (
  deps: MachinesDeps,
  known: StateMachineRecord,
  change: Partial<Omit<MachineSettings, 'name'>>,
): StateMachineRecord => {
  const { context, tables, newId } = deps;
  const { definition, ...settings } = change;
  if (settings.roleArn !== undefined) checkRole(settings.roleArn);
  if (settings.logging !== undefined) checkLogging(settings.logging);
  if (definition !== undefined) checkDefinition(definition);
  const record: StateMachineRecord = { ...known, ...settings, updatedMs: context.clock.nowMs(), revisionId: newId() };
  const text = definition ?? tables.definitions.get(definitionKey(known.arn, known.revisionId)) ?? '';
  requireMachineRole(context, { arn: known.arn, roleArn: record.roleArn, definition: text });
  context.store.transaction(() => {
    tables.definitions.put(definitionKey(known.arn, record.revisionId), text);
    tables.machines.put(known.arn, record);
  });
  return record;
};

const deleteMachine = ({ tables, executions }: MachinesDeps, arn: string): void => {
  tables.machines.delete(arn);
  for (const [executionArn, record] of tables.executions.entries()) {
    if (record.stateMachineArn !== arn || record.status !== 'RUNNING') continue;
    executions.abort(executionArn, { status: 'ABORTED', error: 'States.StateMachineDeleted' });
  }
};

export const createMachines = (deps: MachinesDeps): Machines => {
  const { context, tables } = deps;
  const { region, accountId } = context;
  const arnOf = (name: string): string => `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;
  const get = (arn: string): StateMachineRecord => {
    if (!/^arn:aws:states:[a-z0-9-]+:\d{12}:stateMachine:.+$/.test(arn)) {
      throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
    }
    const record = tables.machines.get(arn);
    if (!record) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return record;
  };
  return {
    create: (settings) => createMachine(deps, arnOf(settings.name), settings),
    update: (arn, change) => updateMachine(deps, get(arn), change),
    delete: (arn) => deleteMachine(deps, arn),
    get,
    definitionText: ({ arn, revisionId }) => tables.definitions.get(definitionKey(arn, revisionId)) ?? '',
    arnOf,
  };
};
