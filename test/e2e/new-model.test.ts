import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModels } from '../../infra/aws/models.ts';
import type { Progress } from '../../infra/local/story/progress.ts';
import { welcomeNewModels } from '../../infra/local/story/story.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';

/** What a user does for a second model: adds a folder, and starts again with the kept state. */

const root = mkdtempSync(join(tmpdir(), 'millrace-new-model-'));
const stateFolder = join(root, 'state');
const fromHere = (path: string): string => JSON.stringify(join(import.meta.dirname, path));
const CONTRACT = fromHere('../../shared/contracts/model-definition.ts');

const writeModel = (models: string, name: string, text: string): void => {
  mkdirSync(join(models, name), { recursive: true });
  writeFileSync(join(models, name, 'model.ts'), text);
};

const TOY = `import { benchDefinition } from ${fromHere('../helpers/training-bench.ts')};
export default benchDefinition({ deployment: { canarySteps: [0.5, 1], bakeMinutes: 60 } });
`;

/** Late departures leave late in the day: the hour alone tells something, and trains in seconds. */
const eveningDelay = (minAuc: number): string => `import { defineModel } from ${CONTRACT};
export default defineModel({
  name: 'evening-delay',
  owner: 'ops',
  task: 'binary-classification',
  data: {
    dataset: 'january-flights',
    source: {
      package: 'vega-datasets',
      file: 'data/flights-3m.parquet',
      ingestSql: \`SELECT file_row_number AS flight, date, delay, distance, epoch_ms(date) + 36000000 AS known_at_ms
        FROM source_file WHERE date < '2001-01-20' AND file_row_number % 20 = 0\`,
    },
    featuresSql: \`SELECT flight AS row_key, epoch_ms(date) AS event_at_ms, hour(date) AS hour, distance,
      (delay > 15)::DOUBLE AS label, known_at_ms AS label_known_at_ms FROM dataset\`,
    maxRows: 8_000,
  },
  features: [{ name: 'hour', type: 'number', min: 0, max: 23 }, { name: 'distance', type: 'number', min: 0 }],
  trainer: { kind: 'built-in', rounds: 40, maxLeaves: 7 },
  evaluation: { holdoutDays: 3, minAuc: ${minAuc} },
});
`;

const facts: string[] = [];
const progress: Progress = {
  stage: (text) => void facts.push(text),
  fact: (_atMs, text) => void facts.push(text),
  print: (text) => void facts.push(text),
};

/** What \`npm start\` does on a kept state, for the models of a folder. */
const startAgain = async (models: string): Promise<TestCloud> => {
  const definitions = await loadModels(models);
  const test = await startTestCloud({ assemblyFolder: await assemble(definitions), stateFolder });
  const { platform, observer } = test;
  const { clock } = test.cloud;
  const folder = join(stateFolder, 'story');
  await welcomeNewModels({
    stage: 'local',
    clock,
    platform,
    observer,
    progress,
    definitions,
    folder,
    seed: 1,
    flightsPerDay: 1,
  });
  return test;
};

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a folder added to the models', () => {
  const promoted = async ({ platform }: TestCloud, model: string): Promise<readonly number[]> =>
    (await platform.rollouts(model)).filter(({ status }) => status === 'PROMOTED').map(({ version }) => version);

  it('is a second working model after the next start, once its gate lets it pass', { timeout: 120_000 }, async () => {
    const models = join(root, 'models');
    writeModel(models, 'toy', TOY);
    const first = await startTestCloud({ assemblyFolder: await assemble(await loadModels(models)), stateFolder });
    await first.loadToyDays(0, 14);
    await first.platform.requestTraining('toy', 'first');
    await first.until('toy is promoted', async () => (await promoted(first, 'toy')).length > 0);
    await first.stop();

    // A gate that no model of two features can pass: the start goes on, and says so.
    writeModel(models, 'evening-delay', eveningDelay(0.99));
    const second = await startAgain(models);
    expect(await second.platform.versions('evening-delay')).toEqual([]);
    expect(facts.join('\n')).toMatch(
      /training evening-delay gave no version: .*refused: the candidate's area under the ROC curve must be at least 0\.99/,
    );
    expect((await second.platform.predict('evening-delay', { features: { hour: 1, distance: 1 } })).status).toBe(503);
    await second.stop();

    // Another folder, as another process would read it: this one has the first definition imported already.
    const corrected = join(root, 'corrected');
    writeModel(corrected, 'toy', TOY);
    writeModel(corrected, 'evening-delay', eveningDelay(0.55));
    const third = await startAgain(corrected);
    expect(await promoted(third, 'evening-delay')).toEqual([1]);
    const answers = await Promise.all(
      [6, 20].map((hour) => third.platform.predict('evening-delay', { features: { hour, distance: 500 } })),
    );
    expect(answers).toEqual(
      [6, 20].map(() => ({ status: 200, body: expect.objectContaining({ model: 'evening-delay', version: 1 }) })),
    );
    const [morning = 0, evening = 0] = answers.map(
      ({ body }) => (body as { readonly probability: number }).probability,
    );
    expect(evening).toBeGreaterThan(morning);
    await third.platform.sendLabels('evening-delay', [{ predictionId: 'p', label: 1 }]);

    expect(await promoted(third, 'toy')).toEqual([1]);
    expect((await third.platform.predict('toy', { features: { x: 0.9, kind: 'a' } })).status).toBe(200);
    await third.stop();

    // Nothing is new any more: a start repeats nothing.
    const fourth = await startAgain(corrected);
    expect((await fourth.platform.runs('evening-delay')).map(({ status }) => status)).toEqual(['FINISHED', 'FINISHED']);
    expect((await fourth.platform.runs('toy')).length).toBe(1);
    await fourth.stop();
  });
});

describe('a wrong definition', () => {
  const right = eveningDelay(0.55);
  it.each([
    [
      'misspelt field',
      right.replace('owner:', 'ownr:'),
      'owner is missing; unknown key "ownr"; allowed: name, owner, ',
    ],
    [
      'misspelt field of a part',
      right.replace('rounds:', 'round:'),
      'trainer: unknown key "round"; allowed: kind, rounds, maxLeaves, learningRate, ',
    ],
    [
      'field of a wrong type',
      right.replace('minAuc: 0.55', "minAuc: '0.55'"),
      'evaluation.minAuc must be a number, got "0.55"',
    ],
    ['value out of bounds', right.replace('minAuc: 0.55', 'minAuc: 55'), 'evaluation.minAuc must be at most 1, got 55'],
    [
      'choice that is none',
      right.replace("'built-in'", "'lightgbm'"),
      'trainer.kind must be one of "built-in" | "sagemaker" | "batch", got "lightgbm"',
    ],
    ['feature of no type', right.replace("type: 'number', min: 0 }", 'min: 0 }'), 'features.1.type is missing'],
    [
      'feature named like a label',
      right.replace("'distance'", "'label'"),
      'features.1.name must not be one of row_key, event_at_ms, label, label_known_at_ms, got "label"',
    ],
    [
      'definition that skips defineModel',
      "export default { name: 'evening-delay', owner: 'ops' };",
      'task is missing; data is missing; features is missing',
    ],
    ['folder of another name', right.replace("'evening-delay'", "'morning-delay'"), 'must carry its folder'],
  ])('with a %s is refused at synthesis, by the field and what is allowed', async (name, text, says) => {
    const models = join(root, name.replaceAll(' ', '-'));
    writeModel(models, 'evening-delay', text);

    await expect(loadModels(models)).rejects.toThrow(says);
  });
});
