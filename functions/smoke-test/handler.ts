import * as v from 'valibot';
import { parse } from '../../shared/contracts/parse.ts';
import { SmokeTestInput } from '../../shared/contracts/rollout-workflow.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

const SmokeAnswer = v.object({ model: v.string(), version: v.number(), output: v.pipe(v.number(), v.finite()) });

/**
 * Invokes the published version directly, before any traffic: it must load the pinned bytes, verify their digests
 * and answer one neutral row with a finite number. Repeating it is harmless: a smoke request is never captured.
 * @throws SmokeTestFailedError
 */
export const createHandler =
  ({ functions }: { readonly functions: ServingFunctions }) =>
  async (event: unknown): Promise<{ readonly output: number }> => {
    const { model, version, functionName, lambdaVersion } = parse(SmokeTestInput, event);
    const { failed, payload } = await functions.invoke(functionName, lambdaVersion, { smokeTest: { model } });
    if (failed)
      throw new SmokeTestFailedError(`version ${version} of ${model} failed its smoke test: ${describe(payload)}`);
    const answer = parse(SmokeAnswer, payload, 'the smoke test answer');
    if (answer.model !== model || answer.version !== version) {
      throw new SmokeTestFailedError(
        `the smoke test reached ${answer.model} version ${answer.version}, not ${model} version ${version}`,
      );
    }
    return { output: answer.output };
  };

const describe = (payload: unknown): string => {
  const { errorType, errorMessage } = (payload ?? {}) as { errorType?: unknown; errorMessage?: unknown };
  return `${String(errorType)}: ${String(errorMessage)}`.slice(0, 500);
};

/** The new version does not serve: an outcome of the rollout, caught by the workflow by this name. */
export class SmokeTestFailedError extends Error {
  override readonly name = 'SmokeTestFailedError';
}
