import { describe, expect, it } from 'vitest';
import { checkStage, stageConfig } from '../../infra/aws/config.ts';
import { type Resource, synthesise, type Template } from './synthesise.ts';

const dev = synthesise({ stage: stageConfig('dev') });
const prod = synthesise({ stage: stageConfig('prod') });

const find = ({ Resources }: Template, start: string): readonly [string, Resource] => {
  const found = Object.entries(Resources).find(([id]) => id.startsWith(start));
  if (found === undefined) throw new Error(`no resource starts with ${start}`);
  return found;
};

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What roles of the stage may do to whatever the logical id is part of, by role. */
const powersOver = (logicalId: string): ReadonlyMap<string, readonly string[]> => {
  const roles = Object.values(dev.templates).flatMap(({ Resources }) =>
    Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role'),
  );
  return new Map(
    roles.flatMap(([id, { Properties = {} }]) => {
      const policies = (Properties.Policies ?? []) as { PolicyDocument: { Statement: readonly Statement[] } }[];
      const actions = policies
        .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
        .filter(({ Resource: resource }) => JSON.stringify(resource).includes(logicalId))
        .flatMap(({ Action }) => Action);
      return actions.length === 0 ? [] : [[id, [...new Set(actions)].toSorted()] as const];
    }),
  );
};

describe('the audit log', () => {
  it('has a table in which nothing expires, and which no role may update, delete from or scan', () => {
    const [id, { Properties = {} }] = find(dev.templates.data, 'AuditTable');
    const powers = powersOver(id);

    expect(Properties.TimeToLiveSpecification).toBeUndefined();
    expect([...new Set([...powers.values()].flat())].toSorted()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ]);
  });

  it('may be written by those who change the registry, and read by those who serve or seal', () => {
    const [id] = find(dev.templates.data, 'AuditTable');
    const roles = (action: string) =>
      [...powersOver(id)].flatMap(([role, actions]) =>
        actions.includes(`dynamodb:${action}`) ? [role.replace(/Role[0-9A-F]{8}$/, '')] : [],
      );

    expect(roles('PutItem').toSorted()).toEqual([
      'BeginRollout',
      'CollectGarbage',
      'DecideApproval',
      'FinishRollout',
      'PlatformApi',
      'ReconcileServing',
      'RegisterModelVersion',
      'RollBack',
      'TrackingApi',
    ]);
    expect(roles('GetItem')).toEqual(expect.arrayContaining(['FlightDelayInfer', 'BirthsInfer']));
    expect(roles('Query')).toEqual(['SealAudit']);
  });

  it('is sealed daily in a bucket that locks whatever is written, from which no role may delete', () => {
    const [id, { Properties = {} }] = find(dev.templates.data, 'SealBucket');
    const [, schedule] = find(dev.templates.monitoring, 'SealAuditSchedule');

    expect(Properties).toMatchObject({ ObjectLockEnabled: true, VersioningConfiguration: { Status: 'Enabled' } });
    expect(Properties.LifecycleConfiguration).toBeUndefined();
    expect([...powersOver(id).values()].flat()).toEqual(['s3:PutObject']);
    expect(schedule.Properties).toMatchObject({ ScheduleExpression: 'cron(5 0 * * ? *)', State: 'ENABLED' });
  });

  it('is locked for nobody to lift in production, and so that a stage can be taken down elsewhere', () => {
    const lock = ({ templates }: typeof dev) =>
      find(templates.data, 'SealBucket')[1].Properties?.ObjectLockConfiguration;

    expect(lock(dev)).toMatchObject({ Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } } });
    expect(lock(prod)).toMatchObject({ Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 400 } } });
  });

  it('is refused a retention that S3 would refuse', () => {
    const stage = { ...stageConfig('dev'), sealRetention: { mode: 'GOVERNANCE', days: 0 } } as const;

    expect(() => checkStage(stage)).toThrow('sealRetention.days must be a whole number in [1, 36500], got 0');
  });
});
