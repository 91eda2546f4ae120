import { describe, expect, it } from 'vitest';
import { createServedModel } from '../../../../functions/infer/load-served-model.ts';
import { NotFoundError, UnavailableError } from '../../../../shared/kernel/errors.ts';

const failingWith = (error: Error) => createServedModel(() => Promise.reject(error));

describe('a model that cannot be loaded', () => {
  it('is told apart from one that cannot be fetched now', async () => {
    await expect(failingWith(new NotFoundError('no model.onnx'))()).rejects.toMatchObject({ name: 'ModelLoadError' });
    await expect(failingWith(new UnavailableError('S3 is not available'))()).rejects.toMatchObject({
      name: 'ModelUnavailableError',
      message: 'the pinned model was not loaded: S3 is not available',
    });
  });
});
