import { NotFoundError } from '../../../shared/kernel/errors.ts';
import type { DescribedModel, ModelSource } from '../../../shared/ports/model-source.ts';

/** What serves is asked of the source again after so long. */
const FRESH_MS = 5_000;
/** A name that is not there is not asked for again meanwhile: whoever invents names must not burden the registry. */
const ABSENT_MS = 1_000;
const MOST_NAMES = 10_000;
const LONGEST_NAME = 256;

interface Answer {
  readonly atMs: number;
  readonly described: Promise<DescribedModel>;
  readonly absent: boolean;
}

/** Which version serves, asked of the source once for all who want to know at a time. */
export const createVersionDesk = (source: Pick<ModelSource, 'describe'>, nowMs: () => number) => {
  const answers = new Map<string, Answer>();
  return {
    /** What is known of a model is asked again. */
    forget: (model: string): void => {
      for (const name of [...answers.keys()]) if (name.startsWith(`${model}\n`)) answers.delete(name);
    },
    describe: (model: string, version?: string): Promise<DescribedModel> => {
      if (model.length > LONGEST_NAME || (version?.length ?? 0) > LONGEST_NAME) {
        return Promise.reject(new NotFoundError(`names have at most ${LONGEST_NAME} characters`));
      }
      const name = `${model}\n${version ?? ''}`;
      const standing = answers.get(name);
      if (standing !== undefined && nowMs() - standing.atMs < (standing.absent ? ABSENT_MS : FRESH_MS)) {
        return standing.described;
      }
      if (answers.size >= MOST_NAMES) answers.clear();
      const described = source.describe(model, version);
      const asked: Answer = { atMs: nowMs(), described, absent: false };
      answers.set(name, asked);
      described.catch((error: unknown) => {
        if (answers.get(name) !== asked) return;
        // What stood before goes on serving while the source cannot be asked; a new name is asked for again at once.
        if (error instanceof NotFoundError) answers.set(name, { ...asked, absent: true });
        else if (standing !== undefined && !standing.absent) answers.set(name, { ...standing, atMs: nowMs() });
        else answers.delete(name);
      });
      return described;
    },
  };
};

export type VersionDesk = ReturnType<typeof createVersionDesk>;
