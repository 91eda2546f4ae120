import { describe, expect, it } from 'vitest';
import { effectsOf } from '../../../../../infra/local/chaos/effects.ts';

const call = (service: string, operation: string, body: unknown, answer: unknown = {}, status = 200) => {
  const site = { origin: 'function', caller: 'millrace-local-shift-traffic', ordinal: 0, service, operation } as const;
  const target = '/2015-03-31/functions/millrace-local-infer-rill/aliases/live';
  const request = { target, headers: {}, body: Buffer.from(JSON.stringify(body)) };
  return effectsOf(site, request, { status, body: Buffer.from(JSON.stringify(answer)) });
};

describe('the effects of a served call', () => {
  it('of an alias that moves are its version and its weights', () => {
    const answer = { FunctionVersion: '1', RoutingConfig: { AdditionalVersionWeights: { 2: 0.5 } } };

    expect(call('lambda', 'UpdateAlias', {}, answer)).toEqual([
      { kind: 'alias', by: 'millrace-local-shift-traffic', model: 'rill', lambdaVersion: '1', weights: { 2: 0.5 } },
    ]);
  });

  it('of a refused call are none', () => {
    expect(call('lambda', 'UpdateAlias', {}, { Message: 'no' }, 412)).toEqual([]);
  });

  it('of a written rollout are the fields that were written', () => {
    const update = {
      Key: { pk: { S: 'model#rill' }, sk: { S: 'rollout#r-1' } },
      ExpressionAttributeValues: { ':weights': { L: [{ N: '0.5' }, { N: '1' }] }, ':running': { S: 'RUNNING' } },
    };

    expect(call('dynamodb', 'UpdateItem', update)).toEqual([
      { kind: 'rollout', model: 'rill', rolloutId: 'r-1', weights: [0.5, 1] },
    ]);
  });

  it('of a transaction are those of each of its writes', () => {
    const key = { pk: { S: 'model#rill' } };
    const version = { ...key, sk: { S: 'version#0000000001' }, entityType: { S: 'ModelVersion' }, version: { N: '1' } };
    const decision = {
      Key: { ...key, sk: { S: 'version#0000000001' } },
      ExpressionAttributeValues: { ':status': { S: 'APPROVED' } },
    };

    expect(
      call('dynamodb', 'TransactWriteItems', { TransactItems: [{ Put: { Item: version } }, { Update: decision }] }),
    ).toEqual([
      { kind: 'registered', model: 'rill', version: 1 },
      { kind: 'decided', model: 'rill', version: 1, status: 'APPROVED' },
    ]);
  });

  it('of events are those of the platform', () => {
    const entry = { Source: 'millrace', DetailType: 'Rollout Started', Detail: '{"model":"rill","version":3}' };

    expect(call('events', 'PutEvents', { Entries: [entry, { ...entry, Source: 'other' }] })).toEqual([
      { kind: 'event', type: 'Rollout Started', model: 'rill', version: 3 },
    ]);
  });
});
