import type { ProvisionedResource, ResourceContext, ResourceProvider } from '../contracts.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import { shortenName } from '../protocols/shorten-name.ts';
import { type AlarmSettings, readCompositeAlarm, readMetricAlarm } from './alarm.ts';
import type { AlarmEngine } from './alarm-engine.ts';
import type { DashboardBook } from './dashboards.ts';

const alarmResource = (
  engine: AlarmEngine,
  read: (fields: Fields, name: string) => () => AlarmSettings,
): ResourceProvider => {
  const settingsOf = (context: ResourceContext): AlarmSettings =>
    readProperties(context, (fields) => {
      fields.accept('Tags');
      return read(fields, fields.text('AlarmName') ?? shortenName(context.generatedName, 255));
    })();
  const put = (context: ResourceContext): ProvisionedResource => {
    const alarm = engine.put(settingsOf(context));
    return { physicalId: alarm.name, attributes: { Arn: alarm.arn } };
  };
  return {
    create: async (context) => {
      const standing = engine.book.find(settingsOf(context).name);
      return standing === undefined ? put(context) : { physicalId: standing.name, attributes: { Arn: standing.arn } };
    },
    update: async (context) => {
      const written = put(context);
      if (written.physicalId !== context.physicalId) engine.delete(context.physicalId);
      return written;
    },
    delete: async ({ physicalId }) => engine.delete(physicalId),
  };
};

const dashboardResource = (book: DashboardBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { name, body } = readProperties(context, (fields) => {
      fields.accept('Tags');
      return {
        name: fields.text('DashboardName') ?? context.generatedName,
        body: fields.requiredText('DashboardBody'),
      };
    });
    book.put(name, body);
    return { physicalId: name, attributes: {} };
  };
  return {
    create: async (context) => put(context),
    update: async (context) => {
      const written = put(context);
      if (written.physicalId !== context.physicalId) book.delete(context.physicalId);
      return written;
    },
    delete: async ({ physicalId }) => book.delete(physicalId),
  };
};

export const cloudWatchResources = (
  engine: AlarmEngine,
  dashboards: DashboardBook,
): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::CloudWatch::Alarm': alarmResource(engine, readMetricAlarm),
  'AWS::CloudWatch::CompositeAlarm': alarmResource(engine, readCompositeAlarm),
  'AWS::CloudWatch::Dashboard': dashboardResource(dashboards),
});
