import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkCdk, checkNativeLayer, checkNode } from '../../../../../infra/commands/doctor/machine-checks.ts';
import { compareServing } from '../../../../../infra/commands/doctor/serving-checks.ts';

const root = (packages: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-doctor-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ devDependencies: { 'aws-cdk': '2.1.0' } }));
  for (const [name, version] of Object.entries(packages)) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ version }));
  }
  return folder;
};

it.each([
  ['v18.20.0', 'fail'],
  ['v20.18.9', 'fail'],
  ['v20.19.0', 'ok'],
  ['v24.21.0', 'ok'],
])('says of Node %s: %s', (version, status) => {
  expect(checkNode(version).status).toBe(status);
});

it('wants the CDK CLI that is pinned', () => {
  expect(checkCdk(root({ 'aws-cdk': '2.1.0' })).status).toBe('ok');
  expect(checkCdk(root({ 'aws-cdk': '3.0.0' }))).toMatchObject({
    status: 'fail',
    detail: '3.0.0 is installed, 2.1.0 is pinned',
  });
  expect(checkCdk(root({}))).toMatchObject({ status: 'fail', fix: 'npm ci' });
});

it('looks for the binary of the stage’s architecture in the installed version', () => {
  const bindings = { '@duckdb/node-bindings': '1.5.5' };
  const arm = { architecture: 'arm64' } as const;

  expect(checkNativeLayer(root({ ...bindings, '@duckdb/node-bindings-linux-arm64': '1.5.5' }), arm).status).toBe('ok');
  expect(
    checkNativeLayer(root({ ...bindings, '.cache/millrace/@duckdb/node-bindings-linux-arm64@1.5.5': '1.5.5' }), arm)
      .status,
  ).toBe('ok');
  expect(checkNativeLayer(root({ ...bindings, '@duckdb/node-bindings-linux-x64': '1.5.5' }), arm).status).toBe('warn');
  expect(checkNativeLayer(root({}), arm).status).toBe('fail');
});

it('compares what an endpoint serves with what the registry says', () => {
  const live = { lambdaVersion: '3', weighted: false };

  expect(compareServing('toy', live, { deployedLambdaVersion: '3' }).status).toBe('ok');
  expect(compareServing('toy', live, { deployedLambdaVersion: '2' })).toMatchObject({
    status: 'fail',
    detail: 'Lambda version 3 serves, the registry says 2',
  });
  expect(compareServing('toy', { ...live, weighted: true }, { deployedLambdaVersion: '3' }).status).toBe('fail');
  expect(compareServing('toy', { ...live, weighted: true }, { runningRolloutId: 'r' }).status).toBe('ok');
  expect(compareServing('toy', live, {}).status).toBe('warn');
});
