import { expect, it } from 'vitest';
import { createRequestValues } from '../../../../functions/infer/route-values.ts';

const valuesIn = (body: unknown, headers: Record<string, string> = {}) =>
  createRequestValues({
    httpMethod: 'POST',
    path: '/models/toy/predict',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const carriers = (body: unknown) => [...valuesIn(body)({ feature: 'carrier' })];

it.each([
  ['one row by name', { features: { carrier: 'UA' } }, ['UA']],
  ['rows by name', { instances: [{ features: { carrier: 'UA' } }, { features: { carrier: 'AA' } }] }, ['UA', 'AA']],
  ['tensors', { inputs: [{ name: 'carrier', shape: [2, 1], data: [['UA'], ['UA']] }] }, ['UA']],
  ['MLflow records', { dataframe_records: [{ carrier: 'UA' }] }, ['UA']],
  ['MLflow split', { dataframe_split: { columns: ['x', 'carrier'], data: [[1, 'UA']] } }, ['UA']],
  ['MLflow instances', { instances: [{ carrier: 'UA' }] }, ['UA']],
  ['MLflow inputs', { inputs: { carrier: ['UA', 'AA'] } }, ['UA', 'AA']],
  ['numbers as text', { features: { carrier: 7.5 } }, ['7.5']],
  ['no value', { features: { carrier: null } }, []],
  ['another feature', { features: { x: 1 } }, []],
  ['no JSON', '{', []],
  ['no object', '[1]', []],
])('a feature is found in %s', (_, body, values) => {
  expect(carriers(body)).toEqual(values);
});

it('a header is found in any letters, without spaces around it; an empty one is none', () => {
  const values = valuesIn({}, { 'X-User-ID': ' ann ', 'x-team': '' });

  expect([...values({ header: 'x-user-id' })]).toEqual(['ann']);
  expect([...values({ header: 'x-team' })]).toEqual([]);
  expect([...values({ header: 'x-none' })]).toEqual([]);
});

it('a join key is found in the entities that rows name', () => {
  const values = valuesIn({ instances: [{ entities: { origin: 'ORD' } }, { entities: { origin: 'LAX' } }] });

  expect([...values({ entity: 'origin' })]).toEqual(['ORD', 'LAX']);
});

it('reads text that came as base64', () => {
  const body = Buffer.from('{"features":{"carrier":"ÜA"}}').toString('base64');
  const values = createRequestValues({ httpMethod: 'POST', path: '/', body, isBase64Encoded: true });

  expect([...values({ feature: 'carrier' })]).toEqual(['ÜA']);
});
