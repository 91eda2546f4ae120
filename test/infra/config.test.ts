import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkStage, stageConfig } from '../../infra/aws/config.ts';
import { loadModels } from '../../infra/aws/models.ts';

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
