import * as v from 'valibot';
import { parse } from '../../shared/contracts/parse.ts';
import { SmokeTestInput } from '../../shared/contracts/rollout-workflow.ts';
import { UnavailableError } from '../../shared/kernel/errors.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

const Named = { model: v.string(), version: v.number() };
const SmokeAnswer = v.union([
  v.object({ ...Named, output: v.pipe(v.number(), v.finite()) }),
  /** Of a service, whose tasks verify and load the model themselves before they are healthy. */
  v.object({ ...Named, healthyTaskCount: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
]);

/** How an invocation fails through no fault of the version: its files could not be fetched, or its environment died. */
const PASSING = new Set(['ModelUnavailableError', 'Runtime.ExitError']);

/**
 * Invokes the published version directly, before any traffic: it must load the pinned bytes, verify their digests
 * and answer one neutral row with a finite number. Repeating it is harmless: a smoke request is never captured.
 * @throws SmokeTestFailedError when the version does not serve; UnavailableError for what may pass by itself.
 */
export const createHandler =
  ({ functions }: { readonly functions: ServingFunctions }) =>
  async (event: unknown): Promise<{ readonly output: number } | { readonly healthyTaskCount: number }> => {
    const { model, version, functionName, lambdaVersion } = parse(SmokeTestInput, event);
    const { failed, payload } = await functions.invoke(functionName, lambdaVersion, { smokeTest: { model } });
    if (failed && PASSING.has(errorTypeOf(payload))) {
      throw new UnavailableError(`version ${version} of ${model} could not be tested: ${describe(payload)}`);
    }
    if (failed)
      throw new SmokeTestFailedError(`version ${version} of ${model} failed its smoke test: ${describe(payload)}`);
    const answer = parse(SmokeAnswer, payload, 'the smoke test answer');
    if (answer.model !== model || answer.version !== version) {
      throw new SmokeTestFailedError(
        `the smoke test reached ${answer.model} version ${answer.version}, not ${model} version ${version}`,
      );
    }
    return 'output' in answer ? { output: answer.output } : { healthyTaskCount: answer.healthyTaskCount };
  };

const errorTypeOf = (payload: unknown): string => String((payload as { errorType?: unknown } | null)?.errorType);

const describe = (payload: unknown): string => {
  const { errorType, errorMessage } = (payload ?? {}) as { errorType?: unknown; errorMessage?: unknown };
  return `${String(errorType)}: ${String(errorMessage)}`.slice(0, 500);
};

/** The new version does not serve: an outcome of the rollout, caught by the workflow by this name. */
export class SmokeTestFailedError extends Error {
  override readonly name = 'SmokeTestFailedError';
}
