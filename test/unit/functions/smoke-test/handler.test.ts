import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/smoke-test/handler.ts';
import type { ServingFunctions } from '../../../../shared/ports/serving-functions.ts';

const EVENT = { model: 'toy', version: 3, functionName: 'millrace-local-infer-toy', lambdaVersion: '4' };

const smokeTest = (answer: { readonly failed: boolean; readonly payload: unknown }) => {
  const functions = { invoke: async () => answer } as unknown as ServingFunctions;
  return createHandler({ functions })(EVENT);
};

describe('the smoke test of a published version', () => {
  it('passes a version that answers with a finite number', async () => {
    const payload = { model: 'toy', version: 3, output: 0.25 };

    expect(await smokeTest({ failed: false, payload })).toEqual({ output: 0.25 });
  });

  it('fails a version that does not load', async () => {
    const payload = { errorType: 'ModelLoadError', errorMessage: 'other bytes' };

    await expect(smokeTest({ failed: true, payload })).rejects.toMatchObject({
      name: 'SmokeTestFailedError',
      message: 'version 3 of toy failed its smoke test: ModelLoadError: other bytes',
    });
  });

  it.each([
    ['ModelUnavailableError', 'S3 is not available'],
    ['Runtime.ExitError', 'signal: killed'],
  ])('leaves %s to be tried again: a sound version is not rolled back for it', async (errorType, errorMessage) => {
    await expect(smokeTest({ failed: true, payload: { errorType, errorMessage } })).rejects.toMatchObject({
      name: 'UnavailableError',
      message: `version 3 of toy could not be tested: ${errorType}: ${errorMessage}`,
    });
  });
});
