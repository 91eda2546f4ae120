import { AwsError, type LocalService, type ServiceContext } from '../contracts.ts';
import { guardOperations } from '../iam/guard.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import { createQueryHandler } from '../protocols/query.ts';
import { cloudFormationAccess } from './access.ts';
import { createStackState, type StackRecord, type StackState } from './stack-state.ts';

/**
 * What CloudFormation tells about stacks: the reading operations that the AWS CLI and the CDK's CLI ask first. Stacks are
 * deployed by the cloud itself (`Cloud.deploy`): the operations that change them are not supported, and say so.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
 */

const CODE = 'ValidationError';
const read = <T>(input: unknown, reader: (fields: Fields) => T): T => readFields(input, { code: CODE }, reader);

const MOST_ROWS = 100;

/** One page of rows; the token is the position of the next. */
const page = <T>(
  rows: readonly T[],
  token: string | undefined,
): { readonly rows: readonly T[]; readonly NextToken?: string } => {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0) throw new AwsError(CODE, `NextToken ${token} is not one of ours`);
  const next = start + MOST_ROWS;
  return { rows: rows.slice(start, next), ...(next < rows.length ? { NextToken: String(next) } : {}) };
};

const instant = (ms: number): Date => new Date(ms);

/** A stack by its name, or by its id, which finds deleted ones too. */
const stackOf = (state: StackState, nameOrId: string): StackRecord => {
  const found = state
    .stacks()
    .find((stack) =>
      nameOrId.startsWith('arn:')
        ? stack.stackId === nameOrId
        : stack.stackName === nameOrId && stack.status !== 'DELETE_COMPLETE',
    );
  if (found === undefined) throw new AwsError(CODE, `Stack with id ${nameOrId} does not exist`);
  return found;
};

const stackName = (input: unknown): { readonly name: string; readonly token: string | undefined } =>
  read(input, (fields) => ({ name: fields.requiredText('StackName'), token: fields.text('NextToken') }));

const describeStack = (state: StackState, stack: StackRecord) => {
  const { outputs } = state.outputsOf(stack.stackName);
  return {
    StackId: stack.stackId,
    StackName: stack.stackName,
    Description: stack.description,
    CreationTime: instant(stack.createdAtMs),
    LastUpdatedTime: stack.updatedAtMs === undefined ? undefined : instant(stack.updatedAtMs),
    DeletionTime: stack.deletedAtMs === undefined ? undefined : instant(stack.deletedAtMs),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    EnableTerminationProtection: stack.terminationProtection,
    DisableRollback: false,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
  };
};

const resourcesOf = (state: StackState, stack: StackRecord) => {
  const latest = new Map(state.events(stack.stackName).map((event) => [event.logicalId, event]));
  return [...state.resources(stack.stackName)]
    .sort(([, a], [, b]) => a.order - b.order)
    .map(([logicalId, resource]) => ({
      LogicalResourceId: logicalId,
      PhysicalResourceId: resource.physicalId,
      ResourceType: resource.type,
      ResourceStatus: latest.get(logicalId)?.status ?? 'CREATE_COMPLETE',
      atMs: latest.get(logicalId)?.atMs ?? stack.createdAtMs,
    }));
};

const stackOperations = (state: StackState) => ({
  DescribeStacks: async (input: unknown) => {
    const { name, token } = read(input, (fields) => ({
      name: fields.text('StackName'),
      token: fields.text('NextToken'),
    }));
    const stacks =
      name === undefined ? state.stacks().filter(({ status }) => status !== 'DELETE_COMPLETE') : [stackOf(state, name)];
    const { rows, ...next } = page(stacks, token);
    return { Stacks: rows.map((stack) => describeStack(state, stack)), ...next };
  },
  ListStacks: async (input: unknown) => {
    const { statuses, token } = read(input, (fields) => ({
      statuses: fields.texts('StackStatusFilter'),
      token: fields.text('NextToken'),
    }));
    const { rows, ...next } = page(
      state.stacks().filter(({ status }) => statuses?.includes(status) ?? true),
      token,
    );
    return {
      StackSummaries: rows.map((stack) => {
        const {
          Outputs: _,
          EnableTerminationProtection: __,
          DisableRollback: ___,
          ...summary
        } = describeStack(state, stack);
        return summary;
      }),
      ...next,
    };
  },
  DescribeStackEvents: async (input: unknown) => {
    const { name, token } = stackName(input);
    const stack = stackOf(state, name);
    const { rows, ...next } = page(state.events(stack.stackName).toReversed(), token);
    return {
      StackEvents: rows.map((event) => ({
        StackId: stack.stackId,
        EventId: event.eventId,
        StackName: stack.stackName,
        LogicalResourceId: event.logicalId,
        PhysicalResourceId: event.physicalId,
        ResourceType: event.type,
        Timestamp: instant(event.atMs),
        ResourceStatus: event.status,
        ResourceStatusReason: event.reason,
      })),
      ...next,
    };
  },
});

const resourceOperations = (state: StackState) => ({
  ListStackResources: async (input: unknown) => {
    const { name, token } = stackName(input);
    const { rows, ...next } = page(resourcesOf(state, stackOf(state, name)), token);
    return {
      StackResourceSummaries: rows.map(({ atMs, ...row }) => ({ ...row, LastUpdatedTimestamp: instant(atMs) })),
      ...next,
    };
  },
  DescribeStackResources: async (input: unknown) => {
    const { name, logicalId } = read(input, (fields) => ({
      name: fields.requiredText('StackName'),
      logicalId: fields.text('LogicalResourceId'),
    }));
    const stack = stackOf(state, name);
    const rows = resourcesOf(state, stack).filter(
      (row) => (logicalId ?? row.LogicalResourceId) === row.LogicalResourceId,
    );
    return {
      StackResources: rows.slice(0, MOST_ROWS).map(({ atMs, ...row }) => ({
        StackId: stack.stackId,
        StackName: stack.stackName,
        ...row,
        Timestamp: instant(atMs),
      })),
    };
  },
  GetTemplate: async (input: unknown) => {
    const { name } = read(input, (fields) => ({
      name: fields.requiredText('StackName'),
      stage: fields.choice('TemplateStage', ['Original', 'Processed']),
    }));
    return { TemplateBody: stackOf(state, name).templateBody, StagesAvailable: ['Original', 'Processed'] };
  },
});

const exportOperations = (state: StackState) => ({
  ListExports: async (input: unknown) => {
    const { rows, ...next } = page(
      state.exports(),
      read(input, (fields) => fields.text('NextToken')),
    );
    const idOf = (name: string): string | undefined => state.stack(name)?.stackId;
    return {
      Exports: rows.map((row) => ({ ExportingStackId: idOf(row.stackName), Name: row.name, Value: row.value })),
      ...next,
    };
  },
  ListImports: async (input: unknown) => {
    const { name, token } = read(input, (fields) => ({
      name: fields.requiredText('ExportName'),
      token: fields.text('NextToken'),
    }));
    const importers = state.importersOf(name);
    if (importers.length === 0) throw new AwsError(CODE, `Export '${name}' is not imported by any stack.`);
    const { rows, ...next } = page(importers, token);
    return { Imports: rows, ...next };
  },
});

export const createCloudFormationService = (context: ServiceContext): LocalService => {
  const state = createStackState(context.store);
  const operations = { ...stackOperations(state), ...resourceOperations(state), ...exportOperations(state) };
  return {
    signingName: 'cloudformation',
    handle: createQueryHandler({
      namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
      operations: guardOperations(
        { access: context.access, service: 'cloudformation' },
        cloudFormationAccess(context),
        operations,
      ),
    }),
    resources: {},
  };
};
