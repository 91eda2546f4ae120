import { ReportQuery } from '../../shared/contracts/http/governance.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type ReplayReport, ReplayReportSchema, replayReportKey } from '../../shared/contracts/replay.ts';
import { RolloutIdParameter } from '../../shared/contracts/roll-back.ts';
import { type RolloutLook, shadowVerdict } from '../../shared/core/deployment/index.ts';
import type { ModelVersion, Rollout } from '../../shared/core/registry/index.ts';
import {
  type RolloutFacts,
  renderRolloutReport,
  renderRolloutTimeline,
  reportRollout,
  rolloutTimeline,
} from '../../shared/core/reports/index.ts';
import type { Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { Page } from '../../shared/ports/model-registry.ts';
import { reportResponse } from './report-response.ts';
import type { PlatformDeps } from './routes.ts';

/**
 * Reports of rollouts, made from the records when they are asked for: nothing is written twice, and nothing grows old.
 * The records stay: neither a rollout's items nor its objects expire.
 */

type Deps = Pick<PlatformDeps, 'registry' | 'definitions' | 'artifacts' | 'rolloutEvidence' | 'shadowDays' | 'clock'>;

const LOOKS_A_PAGE = 100;
/** A rollout takes about 1,000 looks at most. */
const MOST_LOOK_PAGES = 20;
const ROLLOUTS_A_PAGE = 100;
const MOST_ROLLOUT_PAGES = 10;

const readPages = async <T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
  mostPages: number,
): Promise<{ readonly items: readonly T[]; readonly complete: boolean }> => {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const found = await read(cursor);
    items.push(...found.items);
    cursor = found.nextCursor;
    if (cursor === undefined) return { items, complete: true };
  }
  return { items, complete: false };
};

/** Undefined where there is none. */
const orNothing = async <T>(found: Promise<T>): Promise<T | undefined> => {
  try {
    return await found;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

const readReplay = async ({ artifacts }: Deps, { model, rolloutId }: Rollout): Promise<ReplayReport | undefined> => {
  const body = await orNothing(artifacts.get(replayReportKey(model, rolloutId)));
  return body && parseJsonFile(ReplayReportSchema, body, 'replay.json');
};

const readShadow = async (
  { shadowDays, definitions }: Deps,
  { model, version: challenger, previousVersion: champion }: Rollout,
): Promise<RolloutFacts['shadow']> => {
  if (champion === undefined) return undefined;
  const days = await shadowDays.list({ model, challenger, champion });
  if (days.length === 0) return undefined;
  const limits = definitions.get(model)?.deployment.shadow;
  return { days, ...(limits === undefined ? {} : { verdict: shadowVerdict(days, limits) }) };
};

const readFacts = async (deps: Deps, rollout: Rollout): Promise<RolloutFacts> => {
  const { registry, rolloutEvidence } = deps;
  const { model, rolloutId, version: number } = rollout;
  const readLooks = (cursor: string | undefined): Promise<Page<RolloutLook>> =>
    rolloutEvidence.listLooks(model, rolloutId, LOOKS_A_PAGE, cursor);
  const [version, judged, looks, replay, shadow] = await Promise.all([
    orNothing<ModelVersion>(registry.getVersion(model, number)),
    rolloutEvidence.get(model, rolloutId),
    readPages(readLooks, MOST_LOOK_PAGES),
    readReplay(deps, rollout),
    readShadow(deps, rollout),
  ]);
  return { rollout, version, judged, looks: looks.items, looksComplete: looks.complete, replay, shadow };
};

/** `…/rollouts/report` before what takes any other word there for a rollout's id. */
export const rolloutReportRoutes = (deps: Deps): readonly Route[] => [
  {
    method: 'GET',
    path: '/models/{model}/rollouts/report',
    handle: async (request, { model = '' }) => {
      const { format } = parse(ReportQuery, request.query, 'query');
      await deps.registry.getModel(model);
      const read = (cursor: string | undefined) => deps.registry.listRollouts(model, ROLLOUTS_A_PAGE, cursor);
      const { items: rollouts, complete } = await readPages(read, MOST_ROLLOUT_PAGES);
      const timeline = rolloutTimeline({ model, rollouts, complete, atMs: deps.clock.nowMs() });
      return reportResponse(format, timeline, renderRolloutTimeline);
    },
  },
  {
    method: 'GET',
    path: '/models/{model}/rollouts/{rolloutId}/report',
    handle: async (request, { model = '', rolloutId: given }) => {
      const { format } = parse(ReportQuery, request.query, 'query');
      const rolloutId = parse(RolloutIdParameter, given, 'rolloutId');
      const rollout = await deps.registry.getRollout(model, rolloutId);
      if (rollout === undefined) throw new NotFoundError(`rollout ${rolloutId} of ${model} does not exist`);
      return reportResponse(format, reportRollout(await readFacts(deps, rollout)), renderRolloutReport);
    },
  },
];
