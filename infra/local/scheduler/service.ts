import type {
  LocalService,
  ProvisionedResource,
  ResourceContext,
  ResourceProvider,
  ServiceContext,
} from '../contracts.ts';
import { guardRoutes } from '../iam/guard.ts';
import { readProperties } from '../protocols/fields.ts';
import { createRestHandler } from '../protocols/rest.ts';
import { shortenName } from '../protocols/shorten-name.ts';
import { schedulerAccess } from './access.ts';
import { schedulerRoutes } from './operations.ts';
import { createScheduleBook, type ScheduleBook } from './schedule-book.ts';
import { DEFAULT_GROUP, readScheduleSettings } from './schedules.ts';

const scheduleResource = (book: ScheduleBook): ResourceProvider => {
  const read = (context: ResourceContext) => {
    const { judge, ...given } = readProperties(context, (fields) => ({
      name: fields.text('Name') ?? shortenName(context.generatedName, 64),
      group: fields.text('GroupName') ?? DEFAULT_GROUP,
      judge: readScheduleSettings(fields),
    }));
    return { ...given, settings: judge() };
  };
  const put = (context: ResourceContext): ProvisionedResource => {
    const { name, group, settings } = read(context);
    return { physicalId: name, attributes: { Arn: book.put(group, name, settings).arn } };
  };
  return {
    create: async (context) => {
      const { name, group } = read(context);
      const standing = book.find(group, name);
      return standing === undefined ? put(context) : { physicalId: name, attributes: { Arn: standing.arn } };
    },
    update: async (context) => {
      const before = read({ ...context, properties: context.previousProperties });
      const after = read(context);
      const written = put(context);
      if (before.name !== after.name || before.group !== after.group) book.delete(before.group, before.name);
      return written;
    },
    delete: async (context) => book.delete(read(context).group, context.physicalId),
  };
};

const groupResource = (book: ScheduleBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const name = readProperties(context, (fields) => {
      fields.accept('Tags');
      return fields.text('Name') ?? shortenName(context.generatedName, 64);
    });
    const group = book.putGroup(name);
    const date = new Date(group.createdAtMs).toISOString();
    return {
      physicalId: name,
      attributes: { Arn: group.arn, CreationDate: date, LastModificationDate: date, State: 'ACTIVE' },
    };
  };
  return {
    create: async (context) => put(context),
    update: async (context) => put(context),
    delete: async ({ physicalId }) => book.deleteGroup(physicalId),
  };
};

/** EventBridge Scheduler: schedules and groups, any target of the cloud, universal targets through the SDK's names. */
export const createSchedulerService = (context: ServiceContext): LocalService => {
  const book = createScheduleBook(context);
  return {
    signingName: 'scheduler',
    handle: createRestHandler({
      routes: guardRoutes(
        { access: context.access, service: 'scheduler' },
        schedulerAccess(context),
        schedulerRoutes(book),
      ),
    }),
    resources: {
      'AWS::Scheduler::Schedule': scheduleResource(book),
      'AWS::Scheduler::ScheduleGroup': groupResource(book),
    },
    start: async () => book.start(),
  };
};
