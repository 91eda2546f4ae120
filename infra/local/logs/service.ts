import {
  AwsError,
  type CloudPorts,
  type LocalService,
  type ProvisionedResource,
  type ResourceContext,
  type ResourceProvider,
  type ServiceContext,
  type ServicePrincipal,
} from '../contracts.ts';
import { guardOperations, requireAll } from '../iam/guard.ts';
import { readProperties } from '../protocols/fields.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { logsAccess } from './access.ts';
import { createLogBook, type LogBook } from './log-book.ts';
import { readTransformation } from './metric-filter.ts';
import { logsOperations, readRetention } from './operations.ts';

export interface LogsService extends LocalService {
  readonly putLogLine: CloudPorts['putLogLine'];
  /** Takes an event that a rule sends to a log group. */
  readonly deliver: (targetArn: string, payload: string, from?: ServicePrincipal) => Promise<void>;
}

const provider = (
  put: (context: ResourceContext) => ProvisionedResource,
  remove: (context: ResourceContext & { readonly physicalId: string }) => void,
): ResourceProvider => ({
  create: async (context) => put(context),
  update: async (context) => {
    const written = put(context);
    const before = { ...context, properties: context.previousProperties };
    if (written.physicalId !== context.physicalId) remove(before);
    return written;
  },
  delete: async (context) => remove(context),
});

const groupResource = (book: LogBook): ResourceProvider =>
  provider(
    (context) => {
      const group = readProperties(context, (fields) => {
        fields.accept('Tags');
        fields.choice('LogGroupClass', ['STANDARD']);
        return {
          name: fields.text('LogGroupName') ?? context.generatedName,
          retentionDays: readRetention(fields, 'RetentionInDays'),
          kmsKeyArn: fields.text('KmsKeyId'),
        };
      });
      return { physicalId: group.name, attributes: { Arn: `${book.putGroup(group).arn}:*` } };
    },
    ({ physicalId }) => book.deleteGroup(physicalId),
  );

const readStream = (context: ResourceContext) =>
  readProperties(context, (fields) => ({
    group: fields.requiredText('LogGroupName'),
    stream: fields.text('LogStreamName') ?? context.generatedName,
  }));

const streamResource = (book: LogBook): ResourceProvider =>
  provider(
    (context) => {
      const { group, stream } = readStream(context);
      book.group(group);
      book.putStream(group, stream);
      return { physicalId: stream, attributes: {} };
    },
    (context) => book.deleteStream(readStream(context).group, context.physicalId),
  );

const readFilter = (context: ResourceContext, nowMs: number) =>
  readProperties(context, (fields) => ({
    group: fields.requiredText('LogGroupName'),
    name: fields.text('FilterName') ?? context.generatedName,
    pattern: fields.text('FilterPattern') ?? '',
    createdAtMs: nowMs,
    transformations: fields.list('MetricTransformations', (one) => readTransformation(one, 'template')) ?? [],
  }));

const filterResource = (book: LogBook, { clock }: ServiceContext): ResourceProvider =>
  provider(
    (context) => {
      const filter = readFilter(context, clock.nowMs());
      book.group(filter.group);
      book.putFilter(filter);
      return { physicalId: filter.name, attributes: {} };
    },
    (context) => book.deleteFilter(readFilter(context, 0).group, context.physicalId),
  );

const subscriptionFilter: ResourceProvider = provider(
  ({ logicalId }) => {
    throw new AwsError('UnsupportedResource', `${logicalId}: AWS::Logs::SubscriptionFilter is not supported here`);
  },
  () => {},
);

/** CloudWatch Logs: groups, streams, filters, metrics embedded in lines. */
export const createLogsService = (context: ServiceContext): LogsService => {
  const book = createLogBook(context);
  const guard = { access: context.access, service: 'logs' };
  return {
    signingName: 'logs',
    handle: createJsonHandler({
      targetPrefix: 'Logs_20140328',
      version: '1.1',
      operations: guardOperations(guard, logsAccess(context), logsOperations(context, book)),
    }),
    resources: {
      'AWS::Logs::LogGroup': groupResource(book),
      'AWS::Logs::LogStream': streamResource(book),
      'AWS::Logs::MetricFilter': filterResource(book, context),
      'AWS::Logs::SubscriptionFilter': subscriptionFilter,
    },
    putLogLine: ({ logGroup, logStream, atMs, message }) =>
      book.append(logGroup, { atMs, ingestedAtMs: context.clock.nowMs(), stream: logStream, message }),
    deliver: async (targetArn, payload, from) => {
      if (from !== undefined) requireAll(guard, from, [{ action: 'logs:PutLogEvents', resource: targetArn }]);
      const group = targetArn.replace(/^arn:aws:logs:[^:]*:\d*:log-group:/, '').replace(/:\*$/, '');
      const nowMs = context.clock.nowMs();
      book.group(group);
      book.append(group, { atMs: nowMs, ingestedAtMs: nowMs, stream: 'events', message: payload });
      book.flush(group);
    },
    stop: async () => book.stop(),
  };
};
