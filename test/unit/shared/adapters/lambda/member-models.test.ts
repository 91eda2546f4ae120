import type { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { createAskMember } from '../../../../../shared/adapters/lambda/member-models.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const CALL = {
  node: 'first',
  model: 'toy',
  rows: [{ x: 1 }, { x: null }],
  rowIndices: [0, 4],
  timeoutMs: 1_000,
};

type Answer = { readonly Payload?: Uint8Array; readonly FunctionError?: string };

const askWith = (answer: (command: InvokeCommand, signal: AbortSignal) => Promise<Answer>) => {
  const sent: InvokeCommand[] = [];
  const client = {
    send: (command: InvokeCommand, { abortSignal }: { readonly abortSignal: AbortSignal }) => {
      sent.push(command);
      return answer(command, abortSignal);
    },
  } as unknown as LambdaClient;
  const predictionId = (node: string, row: number) => `id-${row}-${node}`;
  const ask = createAskMember({ client, stage: 'dev', requestId: 'r1', principal: 'arn:ann', predictionId });
  return { ask, sent };
};

const predictions = (rows: readonly object[]) =>
  encode({ statusCode: 200, body: JSON.stringify({ model: 'toy', version: 3, predictions: rows }) });

describe('a member', () => {
  it('is asked through its alias live, row by row, with ids of its own, on behalf of who asked', async () => {
    const { ask, sent } = askWith(async () => ({
      Payload: predictions([
        { predictionId: 'a', probability: 0.25 },
        { predictionId: 'b', probability: 0.5 },
      ]),
    }));

    const answer = await ask(CALL);

    expect(answer).toEqual({ version: 3, outputs: [0.25, 0.5] });
    const { FunctionName, Qualifier, Payload } = sent[0]?.input ?? {};
    const event = JSON.parse(new TextDecoder().decode(Payload as Uint8Array));
    expect({ FunctionName, Qualifier }).toEqual({ FunctionName: 'millrace-dev-infer-toy', Qualifier: 'live' });
    expect(event).toMatchObject({
      httpMethod: 'POST',
      path: '/models/toy/predict',
      requestContext: { requestId: 'r1.first', identity: { userArn: 'arn:ann' } },
    });
    expect(JSON.parse(event.body)).toEqual({
      instances: [
        { features: { x: 1 }, predictionId: 'id-0-first' },
        { features: { x: null }, predictionId: 'id-4-first' },
      ],
    });
  });

  it.each<[string, Answer, string]>([
    [
      'refuses',
      { Payload: encode({ statusCode: 503, body: '{"detail":"no version of toy is in service yet"}' }) },
      'it answered 503: no version of toy is in service yet',
    ],
    ['answers with other text', { Payload: encode({ statusCode: 502, body: 'oops' }) }, 'it answered 502: oops'],
    [
      'fails',
      { FunctionError: 'Unhandled', Payload: encode({ errorType: 'InferenceFailedError' }) },
      'its function failed: {"errorType":"InferenceFailedError"}',
    ],
    ['gives a row no output', { Payload: predictions([{ predictionId: 'a' }]) }, 'it answered a row without an output'],
  ])('that %s is unavailable', async (_, answer, message) => {
    const { ask } = askWith(async () => answer);

    await expect(ask(CALL)).rejects.toMatchObject({ name: 'UnavailableError', message });
  });

  it('that does not answer in time is given up', async () => {
    const { ask } = askWith(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );

    await expect(ask({ ...CALL, timeoutMs: 20 })).rejects.toMatchObject({
      name: 'UnavailableError',
      message: 'no answer in 20 ms',
    });
  });
});
