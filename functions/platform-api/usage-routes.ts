import { Buffer } from 'node:buffer';
import { UsageQuery } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { DailyUsage } from '../../shared/core/metering/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import { MOST_USAGE_LISTED } from '../../shared/ports/usage-store.ts';
import type { PlatformDeps } from './routes.ts';

interface ModelUsage extends DailyUsage {
  readonly model: string;
}

/** The model at which to go on, and where in its counts. */
interface Position {
  readonly model: string;
  readonly after?: string;
}

const encode = ({ model, after = '' }: Position): string => Buffer.from(`${model} ${after}`).toString('base64url');

const decode = (cursor: string, models: readonly string[]): Position => {
  const [, model = '', after = ''] = /^(\S+) (\S*)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (!models.includes(model)) throw new InvalidRequestError('cursor is not one that this list gave out');
  return after === '' ? { model } : { model, after };
};

interface Asked {
  readonly models: readonly string[];
  readonly days: { readonly from: string; readonly to: string };
  readonly start: Position | undefined;
}

interface UsagePage {
  readonly usage: readonly ModelUsage[];
  readonly countedUntil: Readonly<Record<string, string | null>>;
  readonly next: Position | undefined;
}

/** The counts of models one after another, until a page is full. */
const readPage = async (store: PlatformDeps['usage'], { models, days, start }: Asked): Promise<UsagePage> => {
  const usage: ModelUsage[] = [];
  const countedUntil: Record<string, string | null> = {};
  let next = start;
  for (const model of models.slice(start === undefined ? 0 : models.indexOf(start.model))) {
    const limit = MOST_USAGE_LISTED - usage.length;
    if (limit === 0) return { usage, countedUntil, next: { model } };
    const untilMs = await store.countedUntilMs(model);
    countedUntil[model] = untilMs === undefined ? null : isoTime(untilMs);
    const { items, nextCursor } = await store.list(model, days, { limit, cursor: next?.after });
    usage.push(...items.map((one) => ({ model, ...one })));
    if (nextCursor !== undefined) return { usage, countedUntil, next: { model, after: nextCursor } };
    next = undefined;
  }
  return { usage, countedUntil, next };
};

/**
 * What clients used, by day: `GET /usage?from=2026-11-01&to=2026-11-30[&model=births][&client=key:…]`. A page holds what
 * is the client's among a thousand counts; `countedUntil` says of each model in it until when captures are counted.
 */
export const usageRoutes = ({
  definitions,
  usage: store,
}: Pick<PlatformDeps, 'definitions' | 'usage'>): readonly Route[] => [
  {
    method: 'GET',
    path: '/usage',
    handle: async ({ query }) => {
      const { from, to, model, client, cursor } = parse(UsageQuery, query, 'query');
      if (to < from) throw new InvalidRequestError(`from must not be after to, got ${from} to ${to}`);
      const models = model === undefined ? [...definitions.keys()].sort() : [model];
      const start = cursor === undefined ? undefined : decode(cursor, models);
      const { usage, countedUntil, next } = await readPage(store, { models, days: { from, to }, start });
      return jsonResponse(200, {
        usage: client === undefined ? usage : usage.filter((one) => one.client === client),
        countedUntil,
        ...(next === undefined ? {} : { nextCursor: encode(next) }),
      });
    },
  },
];
