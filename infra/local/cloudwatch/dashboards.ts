import { AwsError, type ServiceContext } from '../contracts.ts';
import { readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';

interface Dashboard {
  readonly name: string;
  readonly body: string;
  readonly modifiedAtMs: number;
}

export interface DashboardBook {
  readonly put: (name: string, body: string) => void;
  readonly delete: (name: string) => void;
  readonly operations: Readonly<Record<string, JsonOperation>>;
}

const FRAME = { code: 'InvalidParameterValue' };
const MAX_WIDGETS = 500;

const checkBody = (body: string): void => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new AwsError('InvalidParameterInput', 'The field DashboardBody must be a valid JSON object');
  }
  const widgets = typeof parsed === 'object' && parsed !== null && 'widgets' in parsed ? parsed.widgets : undefined;
  if (!Array.isArray(widgets) || widgets.length > MAX_WIDGETS) {
    throw new AwsError('InvalidParameterInput', `DashboardBody must have a list of at most ${MAX_WIDGETS} widgets`);
  }
};

export const createDashboardBook = ({ store, clock, accountId }: ServiceContext): DashboardBook => {
  const table = store.table<Dashboard>('cloudwatch.dashboards');
  const arnOf = (name: string): string => `arn:aws:cloudwatch::${accountId}:dashboard/${name}`;
  const get = (name: string): Dashboard => {
    const found = table.get(name);
    if (found === undefined) throw new AwsError('ResourceNotFound', `Dashboard ${name} does not exist`, 404);
    return found;
  };
  const put = (name: string, body: string): void => {
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
      throw new AwsError('InvalidParameterInput', `DashboardName must hold letters, digits, - and _, got ${name}`);
    }
    checkBody(body);
    table.put(name, { name, body, modifiedAtMs: clock.nowMs() });
  };

  return {
    put,
    delete: (name) => table.delete(name),
    operations: {
      PutDashboard: (input) => {
        const { name, body } = readFields(input, FRAME, (fields) => {
          fields.ignore('no operation here reads tags back', 'Tags');
          return { name: fields.requiredText('DashboardName'), body: fields.requiredText('DashboardBody') };
        });
        put(name, body);
        return { DashboardValidationMessages: [] };
      },
      GetDashboard: (input) => {
        const { name, body } = get(readFields(input, FRAME, (fields) => fields.requiredText('DashboardName')));
        return { DashboardArn: arnOf(name), DashboardBody: body, DashboardName: name };
      },
      ListDashboards: (input) => {
        const prefix = readFields(input, FRAME, (fields) => fields.text('DashboardNamePrefix') ?? '');
        const found = table.entries(prefix).map(([, { name, body, modifiedAtMs }]) => ({
          DashboardName: name,
          DashboardArn: arnOf(name),
          LastModified: new Date(modifiedAtMs),
          Size: Buffer.byteLength(body),
        }));
        return { DashboardEntries: found };
      },
      DeleteDashboards: (input) => {
        const names = readFields(input, FRAME, (fields) => fields.texts('DashboardNames') ?? []);
        names.forEach(get);
        names.forEach(table.delete);
      },
    },
  };
};
