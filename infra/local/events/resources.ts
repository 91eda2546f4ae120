import { AwsError, type ProvisionedResource, type ResourceContext, type ResourceProvider } from '../contracts.ts';
import { readProperties } from '../protocols/fields.ts';
import { putResource } from '../protocols/put-resource.ts';
import { shortenName } from '../protocols/shorten-name.ts';
import type { RuleBook } from './rule-book.ts';
import { busNameOf, DEFAULT_BUS, type EventBus, type Rule, readTarget } from './rules.ts';

const jsonText = (value: unknown): string | undefined => {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const eventBus = (book: RuleBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const bus = readProperties(context, (fields) => {
      fields.accept('Tags');
      return {
        name: fields.requiredText('Name'),
        description: fields.text('Description'),
        policy: fields.raw('Policy'),
      };
    });
    const written: EventBus = book.buses.put(bus);
    return { physicalId: written.name, attributes: { Arn: written.arn, Name: written.name } };
  };
  return {
    create: async (context) => put(context),
    update: async (context) => put(context),
    delete: async ({ physicalId }) => book.buses.delete(physicalId),
  };
};

const eventBusPolicy = (): ResourceProvider => {
  // Callers are authorised by their roles here; a bus policy admits other accounts, of which there are none.
  const put = (context: ResourceContext): ProvisionedResource => {
    readProperties(context, (fields) => fields.accept('EventBusName', 'StatementId', 'Statement'));
    return { physicalId: context.generatedName, attributes: {} };
  };
  return { create: async (context) => put(context), update: async (context) => put(context), delete: async () => {} };
};

const rule = (book: RuleBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { targets, ...settings } = readProperties(context, (fields) => {
      fields.accept('Tags');
      return {
        name: fields.text('Name') ?? shortenName(context.generatedName, 64),
        busName: busNameOf(fields.text('EventBusName') ?? DEFAULT_BUS),
        eventPattern: jsonText(fields.raw('EventPattern')),
        scheduleExpression: fields.text('ScheduleExpression'),
        state: fields.choice('State', ['ENABLED', 'DISABLED']),
        description: fields.text('Description'),
        roleArn: fields.text('RoleArn'),
        targets: fields.list('Targets', readTarget) ?? [],
      };
    });
    book.putRule(settings);
    const written: Rule = book.replaceTargets(settings.busName, settings.name, targets);
    const physicalId = written.busName === DEFAULT_BUS ? written.name : `${written.busName}|${written.name}`;
    return { physicalId, attributes: { Arn: written.arn } };
  };
  const remove = (physicalId: string): void => {
    const [first = '', second] = physicalId.split('|');
    book.deleteRule(second === undefined ? DEFAULT_BUS : first, second ?? first, true);
  };
  return putResource(put, remove);
};

const archive: ResourceProvider = {
  create: async ({ logicalId }) => {
    throw new AwsError('UnsupportedResource', `${logicalId}: AWS::Events::Archive is not supported here`);
  },
  update: async ({ logicalId }) => {
    throw new AwsError('UnsupportedResource', `${logicalId}: AWS::Events::Archive is not supported here`);
  },
  delete: async () => {},
};

export const eventsResources = (book: RuleBook): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::Events::EventBus': eventBus(book),
  'AWS::Events::EventBusPolicy': eventBusPolicy(),
  'AWS::Events::Rule': rule(book),
  'AWS::Events::Archive': archive,
});
