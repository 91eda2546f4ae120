import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createInferenceApi, type InferenceAnswer } from '../../../../../shared/core/inference/index.ts';
import { createTestHost, TEST_MODELS } from '../../../../helpers/inference-models.ts';
import { fuzzCount, type MalformedRequest, malformedRequest } from '../../../../helpers/malformed-requests.ts';

/** `FUZZ=100000 vitest run test/unit/shared/core/inference/malformed-requests.test.ts` tries so many. */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapMb = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
};

const server = { name: 'millrace', version: '2', isReady: () => true, defaultModel: 'toy' };
const host = createTestHost({ capture: () => undefined });
const api = createInferenceApi(host, { maxBodyBytes: 300_000, server });

const ask = async (request: MalformedRequest, number: number): Promise<InferenceAnswer> => {
  const asText = number % 2 === 0 && request.headers['inference-header-content-length'] === undefined;
  return api({
    ...request,
    body: asText ? new TextDecoder().decode(request.body) : request.body,
    query: {},
    header: (name) => request.headers[name],
    requestId: `r-${number}`,
  });
};

/** What is wrong with an answer to whatever was asked; undefined when nothing is. */
const faultOf = ({ status, headers, body }: InferenceAnswer): string | undefined => {
  if (status >= 500) return `status ${status}`;
  if (status < 400) return undefined;
  if (typeof body !== 'string') return 'a refusal in bytes';
  const { error, detail, message } = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const told = error ?? detail ?? message;
  if (typeof told !== 'string' || told === '') return `a refusal without words: ${body}`;
  if (told.length > 1_000) return `a refusal of ${told.length} characters`;
  return headers['content-type']?.includes('json') ? undefined : 'a refusal that is not JSON';
};

describe('malformed requests', () => {
  it('are refused in words, never fail the API and leave nothing in memory', { timeout: 1_200_000 }, async () => {
    const count = fuzzCount(3_000);
    const statuses = new Map<number, number>();
    const faults: string[] = [];
    let heapAtTenth = 0;

    for (let number = 0; number < count; number += 1) {
      if (number === Math.floor(count / 10)) heapAtTenth = heapMb();
      const answer = await ask(malformedRequest(TEST_MODELS, number), number).catch((error) => error as Error);
      const fault = answer instanceof Error ? String(answer.stack) : faultOf(answer);
      if (fault !== undefined) faults.push(`request ${number}: ${fault}`);
      if (!(answer instanceof Error)) statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }

    expect(faults.slice(0, 5)).toEqual([]);
    expect(heapMb() - heapAtTenth).toBeLessThan(20);
    // The faults are neither all harmless nor all fatal, and reach every kind of refusal.
    expect(statuses.get(200)).toBeGreaterThan(count / 20);
    expect(statuses.get(400)).toBeGreaterThan(count / 3);
    expect([...statuses.keys()].sort()).toEqual([200, 400, 404, 405, 413, 415]);
  });
});
