import { describe, expect, it } from 'vitest';
import { asking, createTestHost, TEST_MODELS } from '../../../../helpers/inference-models.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

interface Operation {
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': {
        readonly schema: Schema;
        readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
      };
    };
  };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const typeOf = (value: unknown): readonly string[] => {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['number', 'integer'] : ['number'];
  return [typeof value];
};

const hasListForm = (document: Document, schema: Schema, list: readonly unknown[]): boolean => {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items = {} } = schema;
  return list.length >= minItems && list.length <= maxItems && list.every((each) => hasForm(document, items, each));
};

const hasObjectForm = (document: Document, schema: Schema, object: object): boolean => {
  const { required = [], properties = {}, additionalProperties = true } = schema;
  const fieldFits = ([key, field]: readonly [string, unknown]): boolean =>
    properties[key] === undefined ? additionalProperties : hasForm(document, properties[key], field);
  return required.every((key) => Object.hasOwn(object, key)) && Object.entries(object).every(fieldFits);
};

/** Whether a value has a schema's form, by the words that our descriptions use. */
const hasForm = (document: Document, schema: Schema, value: unknown): boolean => {
  const { $ref, type, oneOf } = schema;
  if ($ref !== undefined) {
    const named = document.components.schemas[$ref.replace('#/components/schemas/', '')];
    if (named === undefined) throw new Error(`${$ref} is not there`);
    return hasForm(document, named, value);
  }
  if (type !== undefined && ![type].flat().some((each) => typeOf(value).includes(each))) return false;
  if ('const' in schema && schema.const !== value) return false;
  if (schema.enum?.includes(value) === false) return false;
  if (oneOf !== undefined && oneOf.filter((each) => hasForm(document, each, value)).length !== 1) return false;
  if (Array.isArray(value)) return hasListForm(document, schema, value);
  return typeof value !== 'object' || value === null || hasObjectForm(document, schema, value);
};

const ask = asking();
const documentOf = async (model: string): Promise<Document> =>
  (await ask({ method: 'GET', path: `/models/${model}/openapi.json` })).json as Document;

const examplesOf = ({ requestBody }: Operation): readonly unknown[] =>
  requestBody === undefined
    ? [undefined]
    : Object.values(requestBody.content['application/json'].examples).map(({ value }) => value);

const answerForm = (document: Document, operation: Operation, status: number, value: unknown): boolean => {
  const [content] = Object.values(operation.responses[String(status)]?.content ?? {});
  return content !== undefined && hasForm(document, content.schema, value);
};

const names = TEST_MODELS.map(({ name }) => name);

/** Every operation of a description with each of its examples. */
const exchangesOf = (document: Document) =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) =>
      examplesOf(operation).map((body) => ({ path, method: method.toUpperCase(), operation, body })),
    ),
  );

describe('the description of a model', () => {
  it.each(names)('%s has examples that run, and forms that they and their answers have', async (name) => {
    const document = await documentOf(name);
    const exchanges = exchangesOf(document);
    for (const { path, method, operation, body } of exchanges) {
      const answer = await ask({ method, path, ...(body === undefined ? {} : { body }) });

      expect({ path, body, status: answer.status }).toEqual({ path, body, status: 200 });
      expect({ path, answered: answerForm(document, operation, 200, answer.json) }).toEqual({ path, answered: true });
      const { schema = {} } = operation.requestBody?.content['application/json'] ?? {};
      expect({ path, body, asked: hasForm(document, schema, body) }).toEqual({ path, body, asked: true });
    }

    expect(document.openapi).toBe('3.1.0');
    expect(exchanges).toHaveLength(name === 'toy' ? 9 : 4);
  });

  it('says the form of refusals', async () => {
    const document = await documentOf('toy');
    for (const [path, operations] of Object.entries(document.paths)) {
      const { post } = operations;
      if (post === undefined) continue;
      const broken = await ask({ path, body: '{' });
      const form = await ask({ path, body: '{}', headers: { 'content-type': 'text/plain' } });

      expect([broken.status, form.status]).toEqual([400, 415]);
      expect(answerForm(document, post, 400, broken.json)).toBe(true);
      expect(answerForm(document, post, 415, form.json)).toBe(true);
      expect(Object.keys(post.responses[400]?.content ?? {})).toEqual([broken.headers['content-type']]);
    }
  });

  it('says which entities and values a row may bring instead of features', async () => {
    const toy = TEST_MODELS[0] as (typeof TEST_MODELS)[number];
    const host = createTestHost({}, [{ ...toy, online: { entities: ['airport'], values: ['departure_at'] } }]);
    const { json } = await asking(host)({ method: 'GET', path: '/models/toy/openapi.json' });
    const document = json as Document;
    const row = { $ref: '#/components/schemas/PredictRow' };

    expect(hasForm(document, row, { entities: { airport: 'ORD' }, values: { departure_at: '2001-02-18' } })).toBe(true);
    expect(hasForm(document, row, { entities: { city: 'ORD' } })).toBe(false);
    expect(hasForm(await documentOf('toy'), row, { entities: { airport: 'ORD' } })).toBe(false);
  });

  it('shows no tensor that is too large to read', async () => {
    const host = createTestHost({}, [
      {
        ...(TEST_MODELS.at(-2) as (typeof TEST_MODELS)[number]),
        inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 3, 224, 224] }],
      },
    ]);

    const { body } = await asking(host)({ method: 'GET', path: '/models/image/openapi.json' });

    expect(body.length).toBeLessThan(10_000);
  });
});
