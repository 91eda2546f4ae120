import { describe, expect, it } from 'vitest';
import { reportRoute } from '../../../../functions/platform-api/report-route.ts';
import { InvalidRequestError, NotFoundError } from '../../../../shared/kernel/errors.ts';

const VERSION = { model: 'toy', version: 1, modelDigest: 'd', artifactPrefix: 'models/toy/d/', manifestDigest: 'm' };

const open = (held: Readonly<Record<string, string>>) => {
  const { handle } = reportRoute({
    registry: { getVersion: async () => VERSION },
    files: {
      read: async (_version: object, file: string) => {
        const text = held[file];
        return text === undefined ? undefined : new TextEncoder().encode(text);
      },
    },
  } as never);
  return (query: Readonly<Record<string, string>>) => handle({ query } as never, { model: 'toy', version: '1' });
};

describe('the evaluation report of a version', () => {
  it('is a page that loads nothing, or its data', async () => {
    const ask = open({ 'report.html': '<p>', 'report.json': '{}' });

    const page = await ask({});
    expect(page).toMatchObject({ status: 200, body: '<p>' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect((await ask({ format: 'json' })).headers['content-type']).toBe('application/json');
  });

  it('is told as missing of a version without one, and refuses another form', async () => {
    const ask = open({});

    await expect(ask({})).rejects.toThrow(NotFoundError);
    await expect(ask({})).rejects.toThrow('version 1 of toy has no evaluation report');
    await expect(ask({ format: 'pdf' })).rejects.toThrow(InvalidRequestError);
  });
});
