import { expect, it } from 'vitest';
import { describeUpload } from '../../../../../shared/core/packaging/index.ts';

const failed = { status: 'FAILED', outcome: 'InvalidRequestError: a; b' } as const;

it.each([
  ['before anything came', { hasFile: false, isSubmitted: false }, 'WAITING_FOR_FILE', []],
  ['with its file', { hasFile: true, isSubmitted: false }, 'UPLOADED', []],
  ['submitted', { hasFile: true, isSubmitted: true }, 'SUBMITTED', []],
  ['under way', { run: { status: 'RUNNING' as const } }, 'CHECKING', []],
  ['registered', { run: { status: 'FINISHED' as const, version: 3 } }, 'REGISTERED', []],
  ['below the gate', { run: { status: 'FINISHED' as const, outcome: 'loss' } }, 'REFUSED', ['loss']],
  ['that cannot be served', { run: failed, faults: ['a', 'b'] }, 'REFUSED', ['a', 'b']],
  ['that could not be served, when the file of it has gone', { run: failed }, 'REFUSED', ['a; b']],
  [
    'stopped by us',
    { run: { status: 'FAILED' as const, outcome: 'UnavailableError: s3' } },
    'FAILED',
    ['UnavailableError: s3'],
  ],
])('an upload %s', (_what, known, state, reasons) => {
  expect(describeUpload({ hasFile: true, isSubmitted: true, ...known })).toMatchObject({ state, reasons });
});
