import { describe, expect, it } from 'vitest';
import { explainFailure } from '../../../../infra/commands/explain-failure.ts';

const named = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

describe('a failure of a call', () => {
  it('is told with what helps', () => {
    expect(explainFailure(named('CredentialsProviderError', 'Could not load'))).toContain('aws sso login');
    expect(explainFailure(new Error('Region is missing'))).toContain('AWS_REGION');
    expect(explainFailure(named('AccessDeniedException', 'not authorized to perform x'))).toBe(
      'these credentials may not do that: not authorized to perform x',
    );
  });

  it('is told of a file that cannot be written, with its path', () => {
    const missing = named('Error', "ENOENT: no such file or directory, open '/none/x.html'", { code: 'ENOENT' });

    expect(explainFailure(missing)).toBe(
      "a file or folder cannot be read or written: ENOENT: no such file or directory, open '/none/x.html'",
    );
  });

  it('points whoever gave no region to the stage of npm start', () => {
    expect(explainFailure(new Error('Region is missing'))).toContain('--stage local');
  });

  it('is found below what wraps it', () => {
    const refused = named('Error', 'connect ECONNREFUSED 127.0.0.1:9', { code: 'ECONNREFUSED' });

    expect(explainFailure(new TypeError('fetch failed', { cause: new AggregateError([refused]) }))).toContain(
      'nothing answers there (connect ECONNREFUSED 127.0.0.1:9)',
    );
  });

  it('is left alone when it is a fault of the program', () => {
    expect(explainFailure(new TypeError('undefined is not a function'))).toBeUndefined();
    expect(explainFailure('text')).toBeUndefined();
  });
});
