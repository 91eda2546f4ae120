import { expect, it } from 'vitest';
import { writeAccessLog } from '../../../../../infra/local/apigateway/access-log.ts';
import type { Exchange } from '../../../../../infra/local/apigateway/exchange.ts';
import type { GatewayOptions } from '../../../../../infra/local/apigateway/gateway.ts';
import { refusal } from '../../../../../infra/local/apigateway/refusal.ts';
import type { WireResponse } from '../../../../../infra/local/contracts.ts';

const NOW_MS = Date.UTC(2001, 2, 12, 19, 3, 58, 250);

const lineOf = (format: string, response: WireResponse, more: object = {}): unknown => {
  const lines: { readonly message: string }[] = [];
  const context = {
    accountId: '000000000000',
    clock: { nowMs: () => NOW_MS },
    ports: { putLogLine: (line: { readonly message: string }) => lines.push(line) },
  };
  const exchange = {
    api: { id: 'api1' },
    stage: { name: 'live', accessLog: { logGroup: 'access', format } },
    path: '/runs/7',
    startedAtMs: NOW_MS - 40,
    request: { requestId: 'r-1', method: 'GET', headers: { 'user-agent': 'curl' }, caller: { accessKeyId: 'AKIA' } },
    ...more,
  };
  const options = { context, userArn: () => 'arn:aws:iam::000000000000:user/ann' } as unknown as GatewayOptions;
  writeAccessLog(options, exchange as unknown as Exchange, response);
  return lines;
};

const OK: WireResponse = { status: 200, body: 'héllo' };

it('fills in what a format names, between its own text', () => {
  const format =
    '{"id":"$context.requestId","at":"$context.requestTime","ms":$context.responseLatency,"what":"$context.httpMethod $context.path","bytes":$context.responseLength,"status":$context.status}';

  expect(lineOf(format, OK)).toEqual([
    {
      logGroup: 'access',
      logStream: 'api1-live',
      atMs: NOW_MS,
      message:
        '{"id":"r-1","at":"12/Mar/2001:19:03:58 +0000","ms":40,"what":"GET /live/runs/7","bytes":6,"status":200}',
    },
  ]);
});

it('writes a dash for what has no value and for what is not known', () => {
  const format =
    '$context.identity.userArn $context.resourcePath $context.integrationLatency $context.constructor $other';

  expect(lineOf(format, OK)).toMatchObject([{ message: '- - - - $other' }]);
});

it('names the signer of a method with signatures alone', () => {
  const format = '$context.identity.caller $context.identity.userArn';

  expect(lineOf(format, OK, { method: { authorization: 'AWS_IAM' } })).toMatchObject([
    { message: 'AKIA arn:aws:iam::000000000000:user/ann' },
  ]);
  expect(lineOf(format, OK, { method: { authorization: 'NONE' } })).toMatchObject([{ message: '- -' }]);
});

it('tells why the gateway refused', () => {
  const format = '$context.error.responseType: $context.error.message';

  expect(lineOf(format, refusal(429, 'TooManyRequestsException', 'Too Many Requests'))).toMatchObject([
    { message: 'THROTTLED: Too Many Requests' },
  ]);
});

it('writes nothing for a stage without an access log', () => {
  expect(lineOf('', OK, { stage: { name: 'live' } })).toEqual([]);
});
