import { describe, expect, it } from 'vitest';
import { placeModel } from '../../../../../functions/profile-model/place-model.ts';
import { createMemoryArtifactStore } from '../../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryRolloutEvidence } from '../../../../../shared/adapters/memory/rollout-evidence.ts';
import { readPicture } from '../../../../../shared/adapters/pages/read-picture.ts';
import { createVersionFiles } from '../../../../../shared/adapters/s3/version-files.ts';
import { MODEL_FILE, runPrefix } from '../../../../../shared/contracts/artifacts.ts';
import { REPORT_FILE } from '../../../../../shared/contracts/evaluation.ts';
import { toJsonFile } from '../../../../../shared/contracts/json-file.ts';
import { RETRAINING_WORTH_FILE, STALENESS_FILE } from '../../../../../shared/contracts/retraining-worth.ts';
import { NO_SEEN_UNITS, openJudge } from '../../../../../shared/core/judging/index.ts';
import {
  type Heard,
  heardApproval,
  heardPromotion,
  heardRetraining,
  heardRollBack,
  heardRolloutStarted,
  pictureOf,
} from '../../../../../shared/core/notifications/index.ts';
import { drawnEvaluation } from '../../../../helpers/drawn-evaluation.ts';
import { drawnRollout } from '../../../../helpers/judged-rollouts.ts';
import { agedModels, weighedRun } from '../../../../helpers/weighed-run.ts';

const titlesOf = (html = ''): readonly (string | undefined)[] =>
  [...html.matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title);

const open = async () => {
  const read: string[] = [];
  const counted = () => {
    const store = createMemoryArtifactStore();
    const get: typeof store.get = (key, ...more) => {
      read.push(key.slice(key.lastIndexOf('/') + 1));
      return store.get(key, ...more);
    };
    return { ...store, get };
  };
  const artifacts = counted();
  const { registry } = createMemoryRegistry();
  const rolloutEvidence = createMemoryRolloutEvidence();
  const stores = { data: counted(), artifacts, registry, rolloutEvidence, files: createVersionFiles(artifacts) };

  /** The next version, with the files that its evaluation left. */
  const register = async (files: Readonly<Record<string, object>>): Promise<number> => {
    const bytes = new Map(Object.entries(files).map(([file, content]) => [file, toJsonFile(content)]));
    const placed = await placeModel(artifacts, { model: 'toy', runId: 'run-1', files: bytes });
    const facts = {
      model: 'toy',
      runId: `run-${JSON.stringify(files).length}`,
      owner: 'ann',
      principal: 'workflow:train',
    };
    const times = { trainedThroughMs: 1, datasetSnapshot: 's', registeredAtMs: 1 };
    const { version } = await registry.registerVersion({ ...facts, ...placed, ...times, metrics: {} }, 1_000);
    read.length = 0;
    return version;
  };

  /** A rollout of version 1 as the judge looked at it. */
  const rollOut = async (rolloutId: string): Promise<void> => {
    const { rollout, judged, looks } = drawnRollout({ version: 1, errorShare: 0.05 });
    if (judged === undefined) throw new Error('a drawn rollout was judged');
    await registry.decideVersion({ model: 'toy', version: 1, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 2 });
    const { kind, version, startedAtMs, previousLambdaVersion } = rollout;
    await registry.startRollout({ model: 'toy', rolloutId, kind, version, startedAtMs, previousLambdaVersion });
    const evidence = {
      ...judged,
      model: 'toy',
      rolloutId,
      slowAboveMs: 41.7,
      state: openJudge(judged.plan),
      seenUnits: NO_SEEN_UNITS,
      rules: { lookMs: 600_000, errorBudget: 0.05, slices: [], notes: [] },
      taken: { requestsThroughMs: 1, capturedThroughMs: 1, crashShareBefore: 0, leftOutCount: 0 },
      lookCount: 0,
    };
    await rolloutEvidence.open(evidence);
    for (const look of looks) await rolloutEvidence.record(evidence, look);
  };

  const picture = (heard: Heard) =>
    readPicture(stores, { ...heard, id: 'n-1', openedAtMs: 0, heardAtMs: 0, tellings: [] }, pictureOf);
  return { artifacts, read, register, rollOut, picture };
};

const about = { model: 'toy', version: 1, rolloutId: 'r-1' };
const EVALUATED = { [MODEL_FILE]: { graph: 1 }, [REPORT_FILE]: drawnEvaluation() };

describe('what a notification’s picture is drawn from', () => {
  it('is the evaluation of a version that waits, and of one whose rollout begins, by the manifest’s digests', async () => {
    const { register, picture, read } = await open();
    await register(EVALUATED);

    for (const heard of [heardApproval(about, 1), heardRolloutStarted({ ...about, kind: 'model' }, 1)]) {
      expect(titlesOf((await picture(heard)).html)).toEqual(['Loss by day']);
    }

    // The manifest is remembered.
    expect(read).toEqual(['manifest.json', 'report.json', 'report.json']);
  });

  it('is all looks of a rollout that ended, and nothing else', async () => {
    const { register, rollOut, picture, read } = await open();
    await register(EVALUATED);
    await rollOut('r-1');

    for (const heard of [heardRollBack({ ...about, reason: 'worse' }, 1), heardPromotion(about, 1)]) {
      const { html = '' } = await picture(heard);
      expect(titlesOf(html)[0]).toBe('errors, whole traffic');
      expect(html).toContain('shown worse');
    }

    expect(read).toEqual([]);
  });

  it('is what was found about a run that was weighed, with the curve of its age where that is on record', async () => {
    const { artifacts, picture, read } = await open();
    const heard = heardRetraining({ model: 'toy', runId: 'run-1', decision: 'person', reason: 'worse' }, 1);
    await artifacts.put(`${runPrefix('toy', 'run-1')}${RETRAINING_WORTH_FILE}`, toJsonFile(weighedRun()));

    expect(titlesOf((await picture(heard)).html)).toEqual(['What retraining would have gained']);
    await artifacts.put(`${runPrefix('toy', 'run-1')}${STALENESS_FILE}`, toJsonFile(agedModels()));

    expect(titlesOf((await picture(heard)).html)).toHaveLength(2);
    expect(read.length).toBe(4);
  });

  it.each([
    ['a version without an evaluation report', heardApproval(about, 1), 'no evaluation report'],
    ['a version that is gone', heardApproval({ ...about, version: 9 }, 1), 'NotFoundError'],
    ['a rollout that nobody looked at', heardPromotion(about, 1), 'no comparison'],
    [
      'a run that was not weighed',
      heardRetraining({ ...about, runId: 'x', decision: 'wait', reason: '' }, 1),
      'no back-test',
    ],
  ])('is missing of %s, and that is told', async (_, heard, why) => {
    const { register, picture } = await open();
    await register({ [MODEL_FILE]: { graph: 1 } });

    expect((await picture(heard)).missing).toContain(why);
  });

  it('is not the evaluation of the version that new code is tried with: that was of other code', async () => {
    const { register, picture } = await open();
    await register(EVALUATED);

    expect((await picture(heardRolloutStarted({ ...about, kind: 'code' }, 1))).missing).toContain('no comparison');
  });

  it('is missing in a record from before it was noted what to draw from', async () => {
    const { register, picture } = await open();
    await register(EVALUATED);
    const { pictured: _, ...before } = heardApproval(about, 1);

    expect(await picture(before)).toEqual({ missing: 'no evaluation report of the version was found' });
  });
});
