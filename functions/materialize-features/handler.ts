import { listDataset } from '../../shared/adapters/s3/list-dataset.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { MaterializeFeaturesInput } from '../../shared/contracts/feature-workflow.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { logLine } from '../../shared/kernel/log.ts';
import { DAY_MS, isoTime, MINUTE_MS } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { OnlineStore } from '../../shared/ports/online-store.ts';
import { computeEntities, type OpenEngine } from './compute-entities.ts';
import { digestOf, stillHolds } from './still-holds.ts';
import { viewOf } from './view-of.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly data: Pick<ArtifactStore, 'list' | 'get'>;
  readonly store: Pick<OnlineStore, 'write' | 'lastMaterialization' | 'recordMaterialization'>;
  readonly openEngine: OpenEngine;
  readonly clock: Clock;
}

export type MaterializeFeaturesOutput =
  | { readonly outcome: 'materialized'; readonly entityCount: number; readonly writtenCount: number }
  | { readonly outcome: 'nothing new'; readonly eventAtMs: number };

/** Values stay in the table for so long after they are too old, so that a request is told how old they are. */
const KEPT_MS = 30 * DAY_MS;

/**
 * Brings a feature view's values as of the scheduled moment to the online store, by the training transform over as many
 * days of the dataset as the view looks back. Run again, late or beside another run, it writes the same or leaves later
 * values standing.
 */
export const createHandler =
  ({ definitions, data, store, openEngine, clock }: Deps) =>
  async (event: unknown): Promise<MaterializeFeaturesOutput> => {
    const { model, view: name, scheduledAt } = parse(MaterializeFeaturesInput, event);
    const definition = definitionOf(definitions, model);
    const view = viewOf(definition, name);
    const asOfMs = Date.parse(scheduledAt);
    const span = { fromMs: asOfMs - view.lookBackDays * DAY_MS, throughMs: asOfMs };
    const objects = await listDataset(data, definition.data.dataset, span);
    const inputsDigest = digestOf([definition.data, view, objects.map(({ key, etag }) => [key, etag])]);
    const last = await store.lastMaterialization(model, name);
    if (last !== undefined && stillHolds(last, inputsDigest, asOfMs)) {
      return { outcome: 'nothing new', eventAtMs: last.eventAtMs };
    }
    const of = { definition, view, objects, asOfMs };
    const { entities, ...next } = await computeEntities({ data, openEngine }, of);
    const at = { eventAtMs: asOfMs, createdAtMs: clock.nowMs() };
    const expiresAtMs = asOfMs + view.ttlMinutes * MINUTE_MS + KEPT_MS;
    const { writtenCount } = await store.write(model, name, { entities, ...at, expiresAtMs });
    await store.recordMaterialization(model, name, { ...at, inputsDigest, entityCount: entities.length, ...next });
    logLine('info', 'view materialized', { model, view: name, asOf: isoTime(asOfMs), writtenCount });
    return { outcome: 'materialized', entityCount: entities.length, writtenCount };
  };
