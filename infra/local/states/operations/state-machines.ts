import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { validateDefinition } from '../definition/validate.ts';
import type { StateMachineRecord } from '../records.ts';
import { type StatesDeps, seconds } from './deps.ts';
import { findExecution } from './find-execution.ts';
import { pageOf, readPage } from './pages.ts';
import { readTags } from './read-settings.ts';

const describe = (record: StateMachineRecord, definition: string): Readonly<Record<string, unknown>> => ({
  stateMachineArn: record.arn,
  name: record.name,
  definition,
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
    const arn = readFields(input, {}, (fields) => {
      fields.choice('includedData', ['ALL_DATA', 'METADATA_ONLY']);
      return fields.requiredText('stateMachineArn');
    });
    const record = machines.get(arn);
    return {
      ...describe(record, machines.definitionText(record)),
      status: 'ACTIVE',
      type: 'STANDARD',
      creationDate: seconds(record.createdMs),
    };
  };

export const describeStateMachineForExecution =
  ({ machines, tables }: StatesDeps): JsonOperation =>
  (input) => {
    const arn = readFields(input, {}, (fields) => {
      fields.choice('includedData', ['ALL_DATA', 'METADATA_ONLY']);
      return fields.requiredText('executionArn');
    });
    const execution = findExecution(tables, arn);
    const record = machines.get(execution.stateMachineArn);
    const asStarted = { ...record, roleArn: execution.roleArn, revisionId: execution.revisionId };
    return { ...describe(asStarted, machines.definitionText(asStarted)), updateDate: seconds(record.updatedMs) };
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
    tables.machines.put(arn, { ...record, tags: { ...record.tags, ...tags } });
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
