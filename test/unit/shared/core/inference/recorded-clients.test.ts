import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { asking, createTestHost } from '../../../../helpers/inference-models.ts';
import recorded from '../../../../reference/inference/clients.json' with { type: 'json' };

/** What Triton's and KServe's own clients sent, and the very bytes out of which they read what they had sent. */

const server = { name: 'millrace', version: '2', isReady: () => true };
const ask = asking(createTestHost(), { server });

const bytesOf = (body: string | Uint8Array): Buffer => Buffer.from(body as string);

describe('a recorded exchange', () => {
  it.each(['triton', 'kserve'])('of the client of %s is answered by the same bytes again', async (client) => {
    const exchanges = recorded.exchanges.filter((exchange) => exchange.client === client);
    expect(exchanges.length).toBeGreaterThan(60);

    for (const { method, path, headers, body, status, answer } of exchanges) {
      const sent = { method, path, headers: headers as Readonly<Record<string, string>> };
      const given = await ask({ ...sent, body: new Uint8Array(Buffer.from(body, 'base64')) });

      expect({ path, status: given.status }).toEqual({ path, status });
      const expected = Buffer.from(answer, 'base64').toString('latin1');
      if (status === 200) expect(bytesOf(given.body).toString('latin1')).toBe(expected);
      else expect(given.json).toEqual({ error: expect.stringMatching(/./) });
    }
  });

  it('was sent without any Content-Type by the client of Triton', () => {
    const types = recorded.exchanges.flatMap(({ client, headers }) =>
      client === 'triton' ? Object.keys(headers).filter((name) => name === 'content-type') : [],
    );

    expect(types).toEqual([]);
  });
});
