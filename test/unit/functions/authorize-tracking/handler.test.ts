import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/authorize-tracking/handler.ts';
import type { TrackingToken } from '../../../../shared/core/tracking-access/index.ts';

const TEXT = `mlr_${'a'.repeat(43)}`;
const ARN = 'arn:aws:execute-api:us-east-1:123456789012:api/v1/GET/t/a/api/2.0/mlflow/runs/get';
const ALICE: TrackingToken = { name: 'alice', workspaces: ['a', 'b'], role: 'write', createdAtMs: 1 };
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

const open = (stored: TrackingToken = ALICE) => {
  const asked: string[] = [];
  const find = async (text: string) => {
    asked.push(text);
    return text === TEXT ? stored : undefined;
  };
  const handler = createHandler({ tokens: { find }, clock: { nowMs: () => 100 } });
  const authorize = (authorization: string, name = 'Authorization') =>
    handler({ methodArn: ARN, headers: { [name]: authorization } });
  return { asked, authorize };
};

describe('the authoriser', () => {
  it.each([
    ['as a bearer', `Bearer ${TEXT}`],
    ['as a password with its name', basic(`alice:${TEXT}`)],
    ['in any case of the scheme', `bearer ${TEXT}`],
  ])('lets a token through %s', async (_how, authorization) => {
    const answer = await open().authorize(authorization);

    expect(answer).toMatchObject({ principalId: 'alice', context: { role: 'write', workspaces: 'a,b' } });
    expect(answer.context).not.toHaveProperty('expiresAtMs');
  });

  it('finds the header however it is written, and tells when the token expires', async () => {
    const answer = await open({ ...ALICE, expiresAtMs: 101 }).authorize(`Bearer ${TEXT}`, 'AUTHORIZATION');

    expect(answer.context).toEqual({ role: 'write', workspaces: 'a,b', expiresAtMs: 101 });
  });

  it.each([
    ['nothing', ''],
    ['another text', `Bearer mlr_${'b'.repeat(43)}`],
    ['a password under another name', basic(`bob:${TEXT}`)],
    ['Basic without a colon', basic(TEXT)],
    ['a signature of AWS', 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/execute-api/aws4_request, Signature=x'],
  ])('refuses %s as API Gateway wants it told', async (_what, authorization) => {
    await expect(open().authorize(authorization)).rejects.toThrow(/^Unauthorized$/);
  });

  it.each([
    ['expired', { ...ALICE, expiresAtMs: 100 }],
    ['revoked', { ...ALICE, revokedAtMs: 50 }],
  ])('refuses a token that is %s', async (_what, token) => {
    await expect(open(token).authorize(`Bearer ${TEXT}`)).rejects.toThrow(/^Unauthorized$/);
  });

  it('does not look up what cannot be a token', async () => {
    const { asked, authorize } = open();

    await expect(authorize('Bearer short')).rejects.toThrow('Unauthorized');

    expect(asked).toEqual([]);
  });
});
