import { expect, it } from 'vitest';
import { createRollBack } from '../../../../../shared/adapters/sigv4/roll-back.ts';
import type { SignedCall } from '../../../../../shared/adapters/sigv4/signed-client.ts';

const ASKED = { model: 'toy', reason: 'it fails', principal: 'ann', requestId: 'q' };
const env = { AWS_REGION: 'us-east-1' };

/** What Lambda answers, call by call: a payload, a failure of the function, or none. */
const open = (...answers: readonly (object | { readonly failure: object } | Error)[]) => {
  const calls: SignedCall[] = [];
  const send = async (call: SignedCall) => {
    const answer = answers[calls.length];
    calls.push(call);
    if (answer instanceof Error) throw answer;
    const failed = answer !== undefined && 'failure' in answer;
    const text = JSON.stringify(failed ? answer.failure : answer);
    const headers: Record<string, string> = failed ? { 'x-amz-function-error': 'Unhandled' } : {};
    return { status: 200, headers, body: Buffer.from(text ?? '') };
  };
  return {
    calls,
    rollBack: () => createRollBack({ env, send, sent: async () => {} }, 'millrace-dev-roll-back').rollBack(ASKED),
  };
};
const typesOf = (calls: readonly SignedCall[]) => calls.map(({ headers }) => headers?.['x-amz-invocation-type']);

it('waits for the function and says what has all traffic', async () => {
  const { rollBack, calls } = open({ model: 'toy', champion: 1, lambdaVersion: '2' });

  expect(await rollBack()).toEqual({ model: 'toy', champion: 1, lambdaVersion: '2' });
  expect(calls).toMatchObject([
    {
      origin: 'https://lambda.us-east-1.amazonaws.com',
      path: '/2015-03-31/functions/millrace-dev-roll-back/invocations',
      body: JSON.stringify(ASKED),
    },
  ]);
});

it.each(['InvalidStateError', 'NotFoundError', 'ConflictError'])('passes a refusal on: %s', async (errorType) => {
  const { rollBack, calls } = open({ failure: { errorType, errorMessage: 'so it is' } });

  await expect(rollBack()).rejects.toMatchObject({ name: errorType, message: 'so it is' });
  expect(typesOf(calls)).toEqual(['RequestResponse']);
});

it.each([
  ['failed otherwise', { failure: { errorType: 'UnavailableError', errorMessage: 'later' } }],
  ['died', { failure: { errorMessage: 'RequestId: x Error: Runtime exited' } }],
  ['did not answer in time', Object.assign(new Error('no answer'), { name: 'TimeoutError' })],
])('leaves it to Lambda’s retries when the function %s', async (_, answer) => {
  const { rollBack, calls } = open(answer, {});

  expect(await rollBack()).toEqual({ model: 'toy', underWay: true });
  expect(typesOf(calls)).toEqual(['RequestResponse', 'Event']);
});

it('says so when nobody can be asked', async () => {
  const gone = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  await expect(open(gone, gone).rollBack()).rejects.toMatchObject({ name: 'UnavailableError' });
});
