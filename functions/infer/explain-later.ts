import { assert } from '../../shared/kernel/assert.ts';
import type { openExplaining } from './explain-predictions.ts';
import type { HostDeps } from './inference-host.ts';

/** Explanations of the version that is pinned, whose modules no cold start evaluates. */
export const explainLater = (...wiring: Parameters<typeof openExplaining>): Pick<HostDeps, 'explain'> => {
  const [, , pins] = wiring;
  if (pins === undefined) return {};
  let opening: Promise<ReturnType<typeof openExplaining>> | undefined;
  return {
    explain: async (served) => {
      opening ??= import('./explain-predictions.ts').then((module) => module.openExplaining(...wiring));
      const { explain } = await opening;
      assert(explain !== undefined, 'a version that is pinned is explained');
      return explain(served);
    },
  };
};
