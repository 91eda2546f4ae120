import type { Datatype, ServableModel } from '../../shared/core/inference/index.ts';

/** Requests to the serving APIs that are right, drawn from a seed, of every form that the APIs take. */

/** Uniform in [0, 1): mulberry32. */
type Draw = () => number;

const createDraw = (seed: number): Draw => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

export interface Luck {
  readonly draw: Draw;
  readonly below: (limit: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly happens: (share: number) => boolean;
}

export const luckOf = (seed: number): Luck => {
  const draw = createDraw(seed);
  const below = (limit: number): number => Math.floor(draw() * limit);
  return {
    draw,
    below,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    happens: (share) => draw() < share,
  };
};

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const element = (datatype: Datatype, { below, draw }: Luck): Json => {
  if (datatype === 'BYTES') return ['a', '', 'é', 'kind'][below(4)] ?? '';
  if (datatype === 'BOOL') return draw() < 0.5;
  return datatype.startsWith('FP') ? Math.round(draw() * 1_000) / 100 : below(100);
};

export interface Sound {
  readonly path: string;
  readonly json: Json;
  readonly raw?: Uint8Array;
  readonly csv?: string;
}

const WIDTHS: Readonly<Record<Datatype, number>> = {
  BOOL: 1,
  UINT8: 1,
  INT8: 1,
  UINT16: 2,
  INT16: 2,
  FP16: 2,
  UINT32: 4,
  INT32: 4,
  FP32: 4,
  UINT64: 8,
  INT64: 8,
  FP64: 8,
  BYTES: 4,
};

const productOf = (shape: readonly number[]): number => shape.reduce((count, length) => count * length, 1);

const inferOf = ({ name, inputs, outputs }: ServableModel, luck: Luck): Sound => {
  const rows = 1 + luck.below(4);
  const raw: Uint8Array[] = [];
  const asRaw = luck.happens(0.3);
  const tensors = inputs.map(({ name: input, datatype, shape: spec }) => {
    const shape = spec.map((length) => (length === -1 ? rows : length));
    const count = productOf(shape);
    if (asRaw && luck.happens(0.7)) {
      const bytes = new Uint8Array(count * WIDTHS[datatype]);
      raw.push(bytes);
      return { name: input, shape, datatype, parameters: { binary_data_size: bytes.length } };
    }
    return { name: input, shape, datatype, data: Array.from({ length: count }, () => element(datatype, luck)) };
  });
  const json = {
    ...(luck.happens(0.3) ? { id: 'r' } : {}),
    ...(luck.happens(0.2) ? { parameters: { binary_data_output: luck.happens(0.5) } } : {}),
    inputs: tensors,
    ...(luck.happens(0.3) ? { outputs: outputs.map(({ name: output }) => ({ name: output, parameters: {} })) } : {}),
  };
  const path = `/v2/models/${encodeURIComponent(name)}/infer`;
  return raw.length === 0 && !asRaw
    ? { path, json }
    : { path, json, raw: Uint8Array.from(raw.flatMap((bytes) => [...bytes])) };
};

const rowOf = ({ inputs }: ServableModel, luck: Luck): Record<string, Json> =>
  Object.fromEntries(inputs.map(({ name, datatype }) => [name, element(datatype, luck)]));

const predictOf = (model: ServableModel, luck: Luck): Sound => {
  const row = (): Json => ({ features: rowOf(model, luck), ...(luck.happens(0.3) ? { predictionId: 'p' } : {}) });
  const json = luck.happens(0.5) ? row() : { instances: Array.from({ length: 1 + luck.below(4) }, row) };
  return { path: `/models/${encodeURIComponent(model.name)}/predict`, json };
};

const invocationOf = (model: ServableModel, luck: Luck): Sound => {
  const path = `/models/${encodeURIComponent(model.name)}/invocations`;
  const rows = Array.from({ length: 1 + luck.below(4) }, () => rowOf(model, luck));
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => row[column] ?? null));
  const forms: readonly Json[] = [
    { dataframe_split: { columns, data: cells, index: rows.map((_, i) => i) } },
    { dataframe_records: rows },
    { instances: rows },
    { inputs: Object.fromEntries(columns.map((column, i) => [column, cells.map((row) => row[i] ?? null)])) },
    { inputs: cells, params: {} },
  ];
  const json = luck.pick(forms);
  if (luck.happens(0.8)) return { path, json };
  return { path, json, csv: [columns, ...cells].map((row) => row.join(',')).join('\n') };
};

export const soundOf = (models: readonly ServableModel[], luck: Luck): Sound => {
  const model = luck.pick(models);
  const make = luck.pick([inferOf, inferOf, model.signature === undefined ? inferOf : predictOf, invocationOf]);
  return make(model, luck);
};
