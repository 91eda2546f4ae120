import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type InFlight, refusedByHead } from '../../../../../functions/infer/server/admission.ts';
import { inferenceRequest } from '../../../../../functions/infer/server/node-request.ts';

const message = (headers: Readonly<Record<string, string>>, url = '/v2/models/m/infer?a=1&b=%20'): IncomingMessage =>
  ({ method: 'POST', url, headers }) as unknown as IncomingMessage;
const CALLER = 'arn:aws:sts::000000000000:assumed-role/Reader/ann,bo@example.com';
const named = { 'x-millrace-caller': CALLER, 'x-millrace-api-key-id': 'key-1' };
const read = (headers: Readonly<Record<string, string>>, callersAreNamed = true) =>
  inferenceRequest(message(headers), new Uint8Array(), { requestId: 'r-1', callersAreNamed });

test('a request is told without its transport', () => {
  const request = read({ 'content-type': 'text/csv' });

  expect(request).toMatchObject({
    method: 'POST',
    path: '/v2/models/m/infer',
    query: { a: '1', b: ' ' },
    requestId: 'r-1',
  });
  expect(request.header('content-type')).toBe('text/csv');
  expect([request.principal, request.apiKeyId]).toEqual([undefined, undefined]);
});

describe('who called', () => {
  test('is what the API in front says', () => {
    expect(read(named)).toMatchObject({ principal: CALLER, apiKeyId: 'key-1' });
    expect(read({ ...named, 'x-millrace-api-key-id': '-' })).not.toHaveProperty('apiKeyId');
  });

  test('is nobody’s word where there is no API in front', () => {
    const request = read(named, false);

    expect(request).not.toHaveProperty('principal');
    expect(request).not.toHaveProperty('apiKeyId');
  });

  test.each([
    [{ ...named, 'x-millrace-caller': `${CALLER}, arn:aws:iam::1:user/forged` }, true, 400],
    [{ ...named, 'x-millrace-api-key-id': 'key-1, key-2' }, true, 400],
    [{ ...named, 'x-millrace-caller': `${CALLER}, arn:aws:iam::1:user/forged` }, false, undefined],
    [named, true, undefined],
  ])('said twice (%j) is refused where it counts', (headers, callersAreNamed, status) => {
    const inFlight = {
      settings: { callersAreNamed, maxBodyBytes: 1_000, maxBytesInFlight: 1_000, maxRequestsInFlight: 1 },
      requestsInFlight: [0],
      bytesInFlight: [0],
    } as unknown as InFlight;

    expect(refusedByHead(message(headers), inFlight)?.status).toBe(status);
  });
});
