import { type CompletedRow, completeRows } from '../../shared/core/features/online/index.ts';
import type { InferenceHost } from '../../shared/core/inference/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { OnlineStore } from '../../shared/ports/online-store.ts';
import type { ServedModel } from './load-served-model.ts';

type Rows = Parameters<NonNullable<InferenceHost['completeRows']>>[1];

interface Deps {
  readonly model: string;
  /** Undefined for a model that is deployed without feature views. */
  readonly online: Pick<OnlineStore, 'read'> | undefined;
  readonly clock: Clock;
}

/**
 * Finds the features of rows that name entities, as the version that serves was registered to find them.
 * @throws InvalidRequestError for a version that takes features only, and for rows that do not fit its plan.
 */
export const createCompleteByEntity =
  ({ model, online, clock }: Deps) =>
  async (
    { version, onlinePlan }: Pick<ServedModel, 'version' | 'onlinePlan'>,
    rows: Rows,
  ): Promise<readonly CompletedRow[]> => {
    if (online === undefined || onlinePlan === undefined) {
      throw new InvalidRequestError(
        `version ${version} of ${model} has no feature views: send its features, not entities and values`,
      );
    }
    return completeRows(onlinePlan, rows, { read: (keys) => online.read(model, keys), nowMs: clock.nowMs });
  };
