import { completeRow, entityKeysOf, type FeatureSources } from './complete-row.ts';
import { type AskedRow, decodeEntityRow, type EntityRow } from './decode-entity-row.ts';
import { type EntityKey, type EntityValues, entityText, type OnlinePlan } from './online-plan.ts';

/** A row with all its features; `online` says where those that the platform found came from. */
export interface CompletedRow {
  readonly features: Readonly<Record<string, unknown>>;
  readonly online?: FeatureSources;
}

interface Store {
  /** The entities' values in the order of the keys. */
  readonly read: (keys: readonly EntityKey[]) => Promise<readonly (EntityValues | undefined)[]>;
  readonly nowMs: () => number;
}

const placeOf = (rowCount: number, row: number): string => (rowCount === 1 ? 'body' : `instances[${row}]`);

/**
 * Completes the rows of a request: every entity of them is read once, all in one batch. A row that names no entities and
 * brings no values is left as it came.
 * @throws InvalidRequestError for rows that do not fit the plan, or name an entity that its view knows not and refuses;
 *   UnavailableError for values that are too old, where their view refuses them.
 */
export const completeRows = async (
  plan: OnlinePlan,
  asked: readonly AskedRow[],
  { read, nowMs }: Store,
): Promise<readonly CompletedRow[]> => {
  const rows = asked.map((row, i): EntityRow | undefined =>
    row.entities === undefined && row.values === undefined
      ? undefined
      : decodeEntityRow(plan, row, placeOf(asked.length, i)),
  );
  const keys = entityKeysOf(
    plan,
    rows.filter((row) => row !== undefined),
  );
  const values = keys.length === 0 ? [] : await read(keys);
  const found = new Map(
    keys.flatMap((key, i) => {
      const value = values[i];
      return value === undefined ? [] : [[entityText(key), value] as const];
    }),
  );
  const readAtMs = nowMs();
  return rows.map((row, i) => {
    if (row === undefined) return { features: asked[i]?.features ?? {} };
    const { features, sources } = completeRow(plan, row, found, readAtMs);
    return { features, online: sources };
  });
};
