import { describe, expect, it } from 'vitest';
import { readFields } from '../../../../../infra/local/protocols/fields.ts';
import { createRestHandler } from '../../../../../infra/local/protocols/rest.ts';
import { sendWire } from '../../../../helpers/wire-request.ts';

const handle = createRestHandler({
  routes: {
    'POST /things/{Name}?Qualifier': {
      headers: ['x-amz-mode'],
      operation: async ({ path, query, json }) => {
        const size = readFields(await json(), {}, (fields) => fields.integer('Size', { min: 1, max: 9 }));
        return { name: path.Name, qualifier: query.get('Qualifier'), size };
      },
    },
  },
});
const service = { signingName: 'test', handle, resources: {} };
const send = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
  const { status, body } = await sendWire(service, { path, headers, body: '{"Size":2}' });
  return { status, body: JSON.parse(String(body)) };
};

describe('a route', () => {
  it('takes the query parameters and headers that it names, and those of the signature', async () => {
    const answer = await send('/things/a%20b?Qualifier=live&X-Amz-Signature=1', {
      'x-amz-mode': 'fast',
      'x-amz-date': '20010101T000000Z',
    });

    expect(answer).toEqual({ status: 200, body: { name: 'a b', qualifier: 'live', size: 2 } });
  });

  it('refuses others by name', async () => {
    const byQuery = await send('/things/a?Marker=1');
    const byHeader = await send('/things/a', { 'x-amz-tenant-id': 't' });

    expect(byQuery).toEqual({
      status: 400,
      body: { message: 'query parameter Marker of POST /things/{Name} is not supported here' },
    });
    expect(byHeader.body.message).toBe('header x-amz-tenant-id of POST /things/{Name} is not supported here');
  });

  it('tells of its variables, parameters, headers and of its body', async () => {
    expect(await handle.operations()).toEqual([
      {
        name: 'POST /things/{Name}',
        supported: ['Name', 'Qualifier', 'x-amz-mode', 'Size'],
        ignored: [],
        required: [],
      },
    ]);
  });
});
