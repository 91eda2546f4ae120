import { describe, expect, it } from 'vitest';
import type { CallSite } from '../../../../../infra/local/contracts.ts';
import { createVisits } from '../../../../../infra/local/faults/visits.ts';

const site = (change: Partial<CallSite> = {}): CallSite => ({
  origin: 'function',
  caller: 'millrace-local-shift-traffic',
  invocationId: 'first',
  ordinal: 0,
  service: 'lambda',
  operation: 'UpdateAlias',
  ...change,
});

describe('visits of call sites', () => {
  it('tells the calls of one operation within an invocation apart, up to the third', () => {
    const visits = createVisits();

    const sites = [1, 2, 3, 4].map(() => visits.call(site()).site);

    expect(sites).toEqual([
      'shift-traffic lambda:UpdateAlias #1',
      'shift-traffic lambda:UpdateAlias #2',
      'shift-traffic lambda:UpdateAlias #3',
      'shift-traffic lambda:UpdateAlias #3',
    ]);
  });

  it('counts every invocation as a visit of the same place', () => {
    const visits = createVisits();

    const first = visits.call(site());
    const second = visits.call(site({ invocationId: 'second' }));

    expect([first.visit, second.visit]).toEqual([1, 2]);
    expect(second.site).toBe(first.site);
  });

  it('takes what the SDK tries again for the same visit', () => {
    const visits = createVisits();

    const tries = [1, 2, 3].map(() => visits.call(site({ callId: 'one' })));

    expect(tries.map(({ visit, attempt }) => [visit, attempt])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
    expect(new Set(tries.map((one) => one.site)).size).toBe(1);
  });

  it('names inference functions of all models alike, and roles without what CloudFormation added', () => {
    const visits = createVisits();
    const role = 'Millrace-local-monitorin-SchedulerRole59E73443-HsNHT2EXG1Ox';

    const infer = visits.call(site({ caller: 'millrace-local-infer-rill' }));
    const { invocationId: _, ...ofService } = site({ origin: 'service', caller: role });
    const service = visits.call(ofService);

    expect(infer.site).toBe('infer lambda:UpdateAlias #1');
    expect(service.site).toBe('SchedulerRole lambda:UpdateAlias #1');
  });

  it('names deliveries by their source and what they reach', () => {
    const visits = createVisits();
    const toTopic = 'arn:aws:sns:us-east-1:000000000000:Millrace-local-data-AlarmTopicD01E77F9-Oqi0xVYt5WJI';

    const names = [
      visits.delivery({
        service: 'events',
        source: 'millrace-local/Millrace-local-monitori-ExecutionFailed0DCF8E7A-Oqi0xVYt5WJI',
        targetArn: toTopic,
      }),
      visits.delivery({ service: 'sns', source: toTopic, targetArn: 'operator@example.com' }),
    ].map((visit) => visit.site);

    expect(names).toEqual(['events ExecutionFailed > sns:AlarmTopic', 'sns AlarmTopic > email']);
  });
});
