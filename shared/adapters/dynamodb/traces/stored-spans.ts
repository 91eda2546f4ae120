import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Span } from '../../../core/traces/index.ts';
import { assert } from '../../../kernel/assert.ts';
import { NotFoundError } from '../../../kernel/errors.ts';
import type { ArtifactStore } from '../../../ports/artifact-store.ts';
import type { Item } from '../attribute-value.ts';
import { decodeEntity, encodeEntity } from '../entity.ts';
import { spansKey, spilledSpansKey } from './trace-keys.ts';

/** Objects that take what is too large for an item of 400 KB. */
export type SpilledSpans = Pick<ArtifactStore, 'get' | 'putIfAbsent'> & {
  /** A missing one is fine. */
  readonly delete: (key: string) => Promise<void>;
};

interface SpansContext {
  readonly workspace: string;
  readonly objects: SpilledSpans;
}

/** Compressed bytes up to which a batch stays in the table. */
export const LARGEST_ITEM_BYTES = 300_000;
const GZIP_LEVEL = 6;

const bodyOf = (json: string): Uint8Array => gzipSync(json, { level: GZIP_LEVEL });

const spansOf = (body: Uint8Array): readonly Span[] => JSON.parse(gunzipSync(body).toString('utf8'));

/**
 * The item of spans that came together. What is too large for it is put into the bucket first: an item never points to
 * nothing.
 */
export const encodeSpans = async (
  { workspace, objects }: SpansContext,
  traceId: string,
  spans: readonly Span[],
): Promise<Item> => {
  const json = JSON.stringify(spans);
  const digest = hash('sha256', json).slice(0, 32);
  const body = bodyOf(json);
  const key = spansKey(workspace, traceId, digest);
  if (body.byteLength <= LARGEST_ITEM_BYTES) {
    return { ...encodeEntity('TraceSpans', key, { spanCount: spans.length }), body: { B: body } };
  }
  const objectKey = spilledSpansKey(workspace, traceId, digest);
  await objects.putIfAbsent(objectKey, body, 'application/gzip');
  return encodeEntity('TraceSpans', key, { spanCount: spans.length, objectKey });
};

/** The object that a batch spilled to; undefined for one that stays in the table. */
export const objectKeyOf = ({ body: _, ...item }: Item): string | undefined =>
  decodeEntity<{ readonly objectKey?: string }>('TraceSpans', item).objectKey;

/** Spans whose object is gone are none: a deletion that came between had begun with it. */
const readObject = async (objects: SpilledSpans, key: string): Promise<readonly Span[]> => {
  try {
    return spansOf(await objects.get(key));
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
};

export const decodeSpans = async ({ objects }: SpansContext, item: Item): Promise<readonly Span[]> => {
  const objectKey = objectKeyOf(item);
  if (objectKey !== undefined) return readObject(objects, objectKey);
  assert(item.body?.B !== undefined, 'spans in the table have a body');
  return spansOf(item.body.B);
};
