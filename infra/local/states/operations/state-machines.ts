import { AwsError } from '../../contracts.ts';
import { type Fields, readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { validateDefinition } from '../definition/validate.ts';
import { parentMachineArn, type StateMachineRecord } from '../records.ts';
import { type StatesDeps, seconds } from './deps.ts';
import { findExecution } from './find-execution.ts';
import { pageOf, readPage } from './pages.ts';
import { readTags } from './read-settings.ts';

/** METADATA_ONLY leaves the definition out. */
const readIncluded = (fields: Fields): boolean =>
  fields.choice('includedData', ['ALL_DATA', 'METADATA_ONLY']) !== 'METADATA_ONLY';

const describe = (
  record: StateMachineRecord,
  definition: string,
  withData: boolean,
): Readonly<Record<string, unknown>> => ({
  stateMachineArn: record.arn,
  name: record.name,
  ...(withData ? { definition } : {}),
  roleArn: record.roleArn,
  loggingConfiguration: { level: 'OFF', includeExecutionData: false, ...record.logging },
  tracingConfiguration: { enabled: record.tracingEnabled },
  revisionId: record.revisionId,
});

export const deleteStateMachine =
  ({ machines }: StatesDeps): JsonOperation =>
  (input) => {
    machines.delete(readFields(input, {}, (fields) => fields.requiredText('stateMachineArn')));
    return {};
  };

export const describeStateMachine =
  ({ machines }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, withData } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('stateMachineArn'),
      withData: readIncluded(fields),
    }));
    const record = machines.get(arn);
    return {
      ...describe(record, machines.definitionText(record), withData),
      status: 'ACTIVE',
      type: 'STANDARD',
      creationDate: seconds(record.createdMs),
    };
  };

export const describeStateMachineForExecution =
  ({ machines, tables, context }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, withData } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('executionArn'),
      withData: readIncluded(fields),
    }));
    const execution = findExecution(tables, arn, context.clock.nowMs());
    const record = machines.get(parentMachineArn(execution.stateMachineArn));
    const asStarted = { ...record, roleArn: execution.roleArn, revisionId: execution.revisionId };
    const { mapRun } = execution;
    const label = execution.stateMachineArn.split('/').at(-1);
    return {
      ...describe(asStarted, machines.definitionText(asStarted), withData),
      ...(mapRun === undefined ? {} : { mapRunArn: mapRun.arn, label }),
      updateDate: seconds(record.updatedMs),
    };
  };

export const listStateMachines =
  ({ tables }: StatesDeps): JsonOperation =>
  (input) => {
    const page = readFields(input, {}, readPage);
    const machines = tables.machines.entries().map(([, record]) => ({
      stateMachineArn: record.arn,
      name: record.name,
      type: 'STANDARD',
      creationDate: seconds(record.createdMs),
    }));
    const { items, nextToken } = pageOf(machines, page);
    return { stateMachines: items, ...(nextToken === undefined ? {} : { nextToken }) };
  };

export const validateStateMachineDefinition = (): JsonOperation => (input) => {
  const request = readFields(input, {}, (fields) => {
    fields.choice('type', ['STANDARD']);
    fields.choice('severity', ['ERROR', 'WARNING']);
    return {
      definition: fields.requiredText('definition'),
      limit: fields.integer('maxResults', { min: 0, max: 100 }) || 100,
    };
  });
  const { diagnostics } = validateDefinition(request.definition);
  return {
    result: diagnostics.length === 0 ? 'OK' : 'FAIL',
    diagnostics: diagnostics.slice(0, request.limit),
    truncated: diagnostics.length > request.limit,
  };
};

/** AWS's limit per resource. */
const TAG_LIMIT = 50;

const tagList = (record: StateMachineRecord): readonly unknown[] =>
  Object.entries(record.tags).map(([key, value]) => ({ key, value }));

export const listTagsForResource =
  ({ machines }: StatesDeps): JsonOperation =>
  (input) => ({ tags: tagList(machines.get(readFields(input, {}, (fields) => fields.requiredText('resourceArn')))) });

export const tagResource =
  ({ machines, tables }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, tags } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('resourceArn'),
      tags: readTags(fields, 'tags', 'key', 'value'),
    }));
    const record = machines.get(arn);
    const all = { ...record.tags, ...tags };
    if (Object.keys(all).length > TAG_LIMIT) throw new AwsError('TooManyTags', `Too many tags: '${arn}'`);
    tables.machines.put(arn, { ...record, tags: all });
    return {};
  };

export const untagResource =
  ({ machines, tables }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, keys } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('resourceArn'),
      keys: fields.texts('tagKeys') ?? [],
    }));
    const record = machines.get(arn);
    const kept = Object.entries(record.tags).filter(([key]) => !keys.includes(key));
    tables.machines.put(arn, { ...record, tags: Object.fromEntries(kept) });
    return {};
  };
