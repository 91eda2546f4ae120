import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { PAGE_SCRIPT, PAGES_CONTENT_POLICY } from '../../../../../shared/core/pages/page-script.ts';

it('the policy names the script by its digest: any other does not run', () => {
  const digest = createHash('sha256').update(PAGE_SCRIPT.source, 'utf8').digest('base64');

  expect(PAGE_SCRIPT.sha256).toBe(digest);
  expect(PAGES_CONTENT_POLICY).toBe(
    `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src 'sha256-${digest}'`,
  );
  // It stands between tags, and what would end them would end it.
  expect(PAGE_SCRIPT.source).not.toMatch(/<\/?script|<!--/i);
});
