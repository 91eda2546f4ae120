import { describe, expect, it } from 'vitest';
import { idleCost, totalUsd } from '../../infra/commands/idle-cost.ts';
import births from '../../models/births/model.ts';
import flightDelay from '../../models/flight-delay/model.ts';
import { FEATURE_METRIC_NAMES, METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import { definition, synthesise } from './synthesise.ts';

const views = [
  {
    name: 'kind',
    entity: ['kind'],
    features: ['x'],
    sql: 'SELECT DISTINCT kind, :as_of_ms AS at_ms FROM dataset',
    lookBackDays: 3,
    ttlMinutes: 60,
    schedule: 'rate(1 hour)',
  },
];
const { templates } = synthesise({
  definitions: [definition('with-views', { featureViews: views }), definition('plain')],
});
const resources = Object.values(templates.training.Resources);
const ofType = (type: string) =>
  resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties ?? {});

describe('a model with feature views', () => {
  it('has a schedule for each view that names one, and a daily audit', () => {
    const inputs = ofType('AWS::Scheduler::Schedule')
      .map(({ ScheduleExpression, Target }) => [ScheduleExpression, (Target as { Input?: string }).Input])
      .filter(([, input]) => String(input).includes('with-views'));

    expect(inputs).toEqual([
      ['rate(1 hour)', '{"model":"with-views","view":"kind","scheduledAt":"<aws.scheduler.scheduled-time>"}'],
      ['cron(40 6 * * ? *)', '{"model":"with-views","scheduledAt":"<aws.scheduler.scheduled-time>"}'],
    ]);
  });

  it('may write its own entities only, and the audit none', () => {
    const policies = (id: string) =>
      JSON.stringify(
        Object.entries(templates.training.Resources).filter(
          ([name, { Type }]) => name.startsWith(id) && Type === 'AWS::IAM::Role',
        ),
      );

    expect(policies('MaterializeFeatures')).toContain('"dynamodb:LeadingKeys":["with-views|*"]');
    expect(policies('MaterializeFeatures')).not.toContain('plain|');
    expect(policies('AuditSkew')).not.toContain('dynamodb');
  });

  it('has an alarm that a heading of the runbook explains', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm').filter(({ AlarmName }) => String(AlarmName).endsWith('-skew'));

    expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual(['millrace-dev-with-views-skew']);
    expect(String(alarms[0]?.AlarmDescription)).toContain('infra/RUNBOOK.md#skew');
  });

  it('keeps within ten custom metrics', () => {
    expect(Object.keys(METRIC_NAMES).length + Object.keys(FEATURE_METRIC_NAMES).length).toBeLessThanOrEqual(10);
  });

  it('costs within the cap while it is idle', () => {
    const deployed = Object.values(synthesise({ definitions: [births, flightDelay] }).templates);

    expect(totalUsd(idleCost(deployed))).toBeLessThanOrEqual(5 + 4 * 2);
  });
});

it('a stage without feature views has none of their functions', () => {
  const plain = synthesise({ definitions: [definition('plain')] }).templates.training.Resources;

  expect(Object.keys(plain).filter((id) => /Materialize|AuditSkew/.test(id))).toEqual([]);
});
