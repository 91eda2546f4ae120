import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkStage, stageConfig } from '../../infra/aws/config.ts';
import { loadCompositions, loadModels } from '../../infra/aws/models.ts';

describe('a stage', () => {
  it('that is not configured is refused with those that are', () => {
    expect(() => stageConfig('qa')).toThrow(
      'unknown stage "qa", must be one of local, dev, prod (infra/aws/config.ts)',
    );
  });

  it.each(['dev-x', 'Dev', '1dev', '', 'averylongname1'])('has no name %j', (name) => {
    expect(() => checkStage({ ...stageConfig('dev'), name })).toThrow('stage name must be');
  });

  it('takes e-mail, account and region from the command line', () => {
    expect(stageConfig('dev', { email: 'me@example.com', region: 'eu-west-1' })).toMatchObject({
      email: 'me@example.com',
      region: 'eu-west-1',
    });
    expect(() => stageConfig('dev', { email: 'nobody' })).toThrow('email must be an address, got "nobody"');
  });
});

describe('models', () => {
  const folderWith = (name: string, text: string | undefined): string => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-models-'));
    mkdirSync(join(folder, name));
    if (text !== undefined) writeFileSync(join(folder, name, 'model.ts'), text);
    return folder;
  };

  it('are the folders of models/, by name', async () => {
    const names = (await loadModels()).map(({ name }) => name);

    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['births', 'flight-delay']));
  });

  it.each([
    ['without a definition', undefined, 'models/churn has no model.ts'],
    ['without a default export', 'export const a = 1;', 'models/churn/model.ts has no default export'],
    ['of another name', `export default { name: 'other' };`, 'must carry its folder'],
  ])('are refused %s', async (_, text, message) => {
    await expect(loadModels(folderWith('churn', text))).rejects.toThrow(message);
  });
});

describe('compositions', () => {
  const CHURN = `export default {
    name: 'churn', owner: 'ann', inputs: [{ name: 'x', type: 'number' }], output: 'first',
    nodes: [{ kind: 'model', name: 'first', model: 'births' }],
  };`;
  const folderWith = (files: Readonly<Record<string, string>>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-models-'));
    mkdirSync(join(folder, 'churn'));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, 'churn', file), text);
    return folder;
  };

  it('are folders of models/ as well, and no models', async () => {
    const folder = folderWith({ 'composition.ts': CHURN });

    expect(await loadModels(folder)).toEqual([]);
    await expect(loadCompositions([], folder)).rejects.toThrow('node first: model births has no definition');
    await expect(loadCompositions(await loadModels(), folder)).rejects.toThrow(/^composition churn does not fit: node/);
  });

  it('do not share their folder with a model', async () => {
    const folder = folderWith({ 'composition.ts': CHURN, 'model.ts': '' });

    await expect(loadCompositions([], folder)).rejects.toThrow('models/churn has both a model.ts and a composition.ts');
  });
});
