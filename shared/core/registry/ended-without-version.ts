import type { TrainingRun } from './model-version.ts';

/** A run that did what it should and made nothing: its candidate was refused, or training was found not to be worth it. */
export const endedWithoutVersion = ({
  status,
  version,
}: {
  readonly status: string;
  readonly version?: number | undefined;
}): boolean => status === ('FINISHED' satisfies TrainingRun['status']) && version === undefined;
